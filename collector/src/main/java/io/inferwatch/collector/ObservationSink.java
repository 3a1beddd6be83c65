package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import org.jspecify.annotations.Nullable;

/**
 * Where the journal is poured out, record by record, in sequence order. Called by the {@code apply} thread alone.
 *
 * <p>One record begins, observes any number of times and ends. What is observed depends on the record alone, never on
 * the present time, so that a replay observes the same.
 */
public interface ObservationSink {

    /**
     * @param sequence the record's number; rises without repeating, and may leave gaps
     * @param receivedEpochMillis when the record was taken, by the journal's monotone clock
     * @param backfill whether what it tells is history sent in afterwards: to be kept and queried, but no rule is to see it
     *     and it says nothing about a source being alive
     */
    void beginRecord(long sequence, long receivedEpochMillis, boolean backfill);

    /**
     * Whether samples of this metric, in the record that was begun, would change anything but the moment their source was
     * last heard of: most of what a replay comes past does not. For that moment one sample of a source is enough.
     */
    boolean needs(Metric metric);

    /**
     * One sample of one series.
     *
     * @param labels the full label set of the series; the same set is the same instance as often as can be
     * @param epochMillis where on the time axis it belongs
     * @param scaledValue in the integer steps of the metric's unit; negative only where the metric is signed
     * @param weight how many samples it stands for, at least 1
     * @param requestId the request it was taken from, where one is known: the slowest are kept as exemplars
     */
    void observe(
            Metric metric,
            LabelSet labels,
            long epochMillis,
            long scaledValue,
            long weight,
            @Nullable String requestId);

    /**
     * Observations of one series that were only counted between bounds.
     *
     * @param labels as above
     * @param epochMillis where on the time axis all of them belong
     * @param added in the steps of the metric's unit; at least one observation
     */
    void observe(Metric metric, LabelSet labels, long epochMillis, Buckets added);

    /** A source could not be read for a while: a hole in the data is itself a fact. */
    void gap(SourceGap gap);

    void endRecord();

    /** Records that were acknowledged once and cannot be read any more. */
    void lost(long records, String reason);
}
