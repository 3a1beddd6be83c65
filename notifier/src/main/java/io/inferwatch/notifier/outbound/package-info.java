/** The only way out of the process: HTTP to the hosts the operator named, and nowhere else. */
@NullMarked
package io.inferwatch.notifier.outbound;

import org.jspecify.annotations.NullMarked;
