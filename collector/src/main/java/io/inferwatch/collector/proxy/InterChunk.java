package io.inferwatch.collector.proxy;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.util.OptionalLong;

/**
 * How often a time was seen between two chunks of answers of one server and model that ended alike.
 *
 * @param outcome of the requests, as {@link io.inferwatch.collector.Outcome#label} names it
 * @param micros the time, to three significant digits
 * @param count at least 1
 */
public record InterChunk(String server, String model, String outcome, long micros, long count) {
    private static final Metric METRIC = MetricCatalogue.require("llm.inter_chunk");

    /** As what it is journalled. */
    public Measurement measurement() {
        LabelSet labels = LabelSet.of("server", server, "model", model, "outcome", outcome, "observer", "proxy");
        return new SampleMeasurement(
                METRIC, labels, micros, count, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }
}
