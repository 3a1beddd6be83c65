@NullMarked
package io.inferwatch.notifier.outbound;

import org.jspecify.annotations.NullMarked;
