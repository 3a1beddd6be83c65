/** Tells people: from each tick's result to a delivered page, at least once, over restarts. */
@NullMarked
package io.inferwatch.notifier;

import org.jspecify.annotations.NullMarked;
