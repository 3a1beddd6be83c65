/** What tokens cost on GPUs of one's own: energy by the meter, capacity by the hour, both handed down to who used them. Pure. */
@NullMarked
package io.inferwatch.collector.cost.hosted;

import org.jspecify.annotations.NullMarked;
