package io.inferwatch.collector.catalogue;

/** How the samples of a metric come about, and so which aggregates mean something on it. */
public enum MetricKind {
    /** A sample a request. */
    EVENT,
    /** Recorded as deltas; {@code sum} is the increase. */
    COUNTER,
    /** A level, sampled; {@code sum}, {@code rate}, {@code count} and {@code increase} are errors on it. */
    GAUGE
}
