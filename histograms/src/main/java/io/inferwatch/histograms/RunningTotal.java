package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Count, exact sum, newest value and, of an event, the spread of all samples of one series. Guarded by the store's lock. */
final class RunningTotal {
    private long count;
    private long sumHigh;
    private long sumLow;
    private long last;
    private long lastEpochMillis = Long.MIN_VALUE;
    private @Nullable NativeBuckets buckets;

    void record(Metric metric, long scaled, long weight, long epochMillis) {
        if (metric.kind() == MetricKind.EVENT) {
            NativeBuckets filled = buckets == null ? new NativeBuckets() : buckets;
            filled.add(metric.unit().toBaseUnits(scaled), weight);
            buckets = filled;
        }
        count += weight;
        long low = sumLow + scaled * weight;
        sumHigh += Math.multiplyHigh(scaled, weight) + (Long.compareUnsigned(low, sumLow) < 0 ? 1 : 0);
        sumLow = low;
        if (WindowMerge.isLater(epochMillis, scaled, lastEpochMillis, last)) {
            last = scaled;
            lastEpochMillis = epochMillis;
        }
    }

    void record(Buckets added, long epochMillis) {
        count += added.count();
        WideSum sum = new WideSum(sumHigh, sumLow)
                .plus(new WideSum(0, Math.round(added.sum().orElse(0))));
        sumHigh = sum.high();
        sumLow = sum.low();
        lastEpochMillis = Math.max(lastEpochMillis, epochMillis);
    }

    /** Empty before the first sample. */
    Optional<SeriesTotals> of(Series series, boolean withBuckets) {
        if (count == 0) {
            return Optional.empty();
        }
        return Optional.of(new SeriesTotals(
                series.metric,
                series.key.labels(),
                count,
                series.metric.unit().fromScaled(new WideSum(sumHigh, sumLow).doubleValue()),
                series.metric.unit().fromScaled((double) last),
                Instant.ofEpochMilli(lastEpochMillis),
                withBuckets ? Optional.ofNullable(buckets).map(NativeBuckets::snapshot) : Optional.empty()));
    }
}
