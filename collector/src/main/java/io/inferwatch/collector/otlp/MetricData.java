package io.inferwatch.collector.otlp;

import java.util.List;
import java.util.Map;

/**
 * The points of one metric in one body.
 *
 * @param unit as the sender writes it, for example {@code s} or {@code {token}}; empty where it says none
 * @param resource attributes of whoever sends
 * @param scope name and version of the instrumentation
 */
record MetricData(
        String name,
        String unit,
        Kind kind,
        Temporality temporality,
        boolean isMonotonic,
        Map<String, Object> resource,
        String scope,
        List<MetricPoint> points) {

    enum Kind {
        GAUGE,
        SUM,
        HISTOGRAM,
        EXPONENTIAL_HISTOGRAM,
        SUMMARY
    }

    /** {@code AggregationTemporality}. */
    enum Temporality {
        UNSPECIFIED,
        DELTA,
        CUMULATIVE;

        static Temporality of(long number) {
            return number >= 0 && number < values().length ? values()[(int) number] : UNSPECIFIED;
        }
    }

    /** Takes the metrics of a body, one after the other. */
    interface Sink {
        void take(MetricData metric);

        /** @throws MalformedOtlpException when a body has more metrics and points than it may: memory is bounded by this */
        void reserve() throws MalformedOtlpException;
    }

    boolean isHistogram() {
        return kind == Kind.HISTOGRAM || kind == Kind.EXPONENTIAL_HISTOGRAM;
    }
}
