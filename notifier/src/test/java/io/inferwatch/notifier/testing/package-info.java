/** Fakes by hand: receivers that check what they are sent as strictly as the real ones, a clock, a database. */
@NullMarked
package io.inferwatch.notifier.testing;

import org.jspecify.annotations.NullMarked;
