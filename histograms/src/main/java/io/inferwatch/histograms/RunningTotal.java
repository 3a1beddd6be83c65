package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import java.time.Instant;
import java.util.Optional;

/** Count, exact sum and newest value of all samples of one series. Guarded by the store's lock. */
final class RunningTotal {
    private long count;
    private long sumHigh;
    private long sumLow;
    private long last;
    private long lastEpochMillis = Long.MIN_VALUE;

    void record(long scaled, long weight, long epochMillis) {
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
    Optional<SeriesTotals> of(Series series) {
        if (count == 0) {
            return Optional.empty();
        }
        return Optional.of(new SeriesTotals(
                series.metric,
                series.key.labels(),
                count,
                series.metric.unit().fromScaled(new WideSum(sumHigh, sumLow).doubleValue()),
                series.metric.unit().fromScaled((double) last),
                Instant.ofEpochMilli(lastEpochMillis)));
    }
}
