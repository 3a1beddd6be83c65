package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;

/**
 * What was added to a histogram that a server keeps, between two readings of it.
 *
 * @param labels all of them become labels of the series
 * @param epochMillis when it was read; the observations are placed there
 * @param added in the steps of the metric's unit; at least one observation
 */
public record BucketedMeasurement(Metric metric, LabelSet labels, long epochMillis, Buckets added)
        implements Measurement {
    public BucketedMeasurement {
        if (added.count() == 0) {
            throw new IllegalArgumentException(metric.name() + ": no observation was added");
        }
    }
}
