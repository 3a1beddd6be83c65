/** What a request costs: the price table and its exact arithmetic. Knows nothing of the rest of the collector. */
@NullMarked
package io.inferwatch.collector.cost;

import org.jspecify.annotations.NullMarked;
