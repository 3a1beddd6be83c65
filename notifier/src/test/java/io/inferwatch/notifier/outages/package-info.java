/** The built-in pack at work: a simulated host, its outages and its quiet days, from what is measured to who is told. */
@NullMarked
package io.inferwatch.notifier.outages;

import org.jspecify.annotations.NullMarked;
