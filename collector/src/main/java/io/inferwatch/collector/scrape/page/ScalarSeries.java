package io.inferwatch.collector.scrape.page;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * One value.
 *
 * @param value finite
 * @param createdEpochSeconds since when a counter counts, where the page says so
 */
public record ScalarSeries(Map<String, String> labels, double value, OptionalDouble createdEpochSeconds) {
    public ScalarSeries {
        labels = Map.copyOf(labels);
    }
}
