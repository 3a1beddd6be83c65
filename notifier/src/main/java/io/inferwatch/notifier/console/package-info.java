/** One line per notice on standard output. */
@NullMarked
package io.inferwatch.notifier.console;

import org.jspecify.annotations.NullMarked;
