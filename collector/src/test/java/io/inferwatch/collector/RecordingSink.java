package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what is observed. */
public final class RecordingSink implements ObservationSink {
    /** One sample of one series. */
    public record Observation(
            String metric,
            LabelSet labels,
            long epochMillis,
            long scaled,
            long weight,
            @Nullable String requestId) {}

    /** Observations of one series, counted between bounds. */
    public record BucketObservation(String metric, LabelSet labels, long epochMillis, Buckets added) {}

    private final List<BucketObservation> buckets = new ArrayList<>();
    private final List<Observation> observations = new ArrayList<>();
    private final List<SourceGap> gaps = new ArrayList<>();
    private final List<String> losses = new ArrayList<>();
    private final List<Boolean> backfills = new ArrayList<>();
    private boolean isInRecord;
    private boolean isNothingNeeded;

    /** All that the journal holds, from its start. */
    public static RecordingSink of(Collector collector) {
        RecordingSink sink = new RecordingSink();
        try (MeasurementTail tail = collector.tail(1)) {
            while (tail.poll(sink)) {
                if (sink.isInRecord) {
                    throw new IllegalStateException("a record did not end");
                }
            }
        }
        return sink;
    }

    public List<Observation> observations() {
        return observations;
    }

    public List<Observation> of(String metric) {
        return observations.stream().filter(o -> o.metric.equals(metric)).toList();
    }

    public List<BucketObservation> bucketsOf(String metric) {
        return buckets.stream().filter(o -> o.metric.equals(metric)).toList();
    }

    /** Of each record, whether it was history sent in afterwards. */
    public List<Boolean> backfills() {
        return backfills;
    }

    public List<SourceGap> gaps() {
        return gaps;
    }

    public List<String> losses() {
        return losses;
    }

    /** As a store whose rows hold all there is, and of which no rule reads single seconds. */
    public void needNothing() {
        isNothingNeeded = true;
    }

    @Override
    public boolean needs(Metric metric) {
        return !isNothingNeeded;
    }

    @Override
    public void beginRecord(long sequence, long receivedEpochMillis, boolean backfill) {
        isInRecord = true;
        backfills.add(backfill);
    }

    @Override
    public void observe(
            Metric metric,
            LabelSet labels,
            long epochMillis,
            long scaledValue,
            long weight,
            @Nullable String requestId) {
        observations.add(new Observation(metric.name(), labels, epochMillis, scaledValue, weight, requestId));
    }

    @Override
    public void observe(Metric metric, LabelSet labels, long epochMillis, Buckets added) {
        buckets.add(new BucketObservation(metric.name(), labels, epochMillis, added));
    }

    @Override
    public void gap(SourceGap gap) {
        gaps.add(gap);
    }

    @Override
    public void endRecord() {
        isInRecord = false;
    }

    @Override
    public void lost(long records, String reason) {
        losses.add(records + ": " + reason);
    }
}
