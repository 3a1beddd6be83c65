package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.time.Instant;
import java.util.Optional;

/**
 * What one live series has been given since the process started: for exposition formats that keep no windows. It begins
 * anew when a series had no sample for an hour and then comes back.
 *
 * @param count samples, at least 1; only ever rises
 * @param sum of their values, in the metric's unit; only ever rises, unless the metric is signed
 * @param last the newest value, in the metric's unit
 * @param lastAt the time of that sample
 * @param buckets the samples by value; only of events, where they were asked for and each was seen
 */
public record SeriesTotals(
        Metric metric,
        LabelSet labels,
        long count,
        double sum,
        double last,
        Instant lastAt,
        Optional<NativeHistogram> buckets) {

    /** Without buckets. */
    public SeriesTotals(Metric metric, LabelSet labels, long count, double sum, double last, Instant lastAt) {
        this(metric, labels, count, sum, last, lastAt, Optional.empty());
    }
}
