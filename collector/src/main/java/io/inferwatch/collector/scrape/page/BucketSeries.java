package io.inferwatch.collector.scrape.page;

import java.util.Map;
import java.util.OptionalDouble;

/**
 * One histogram as it stands now, counted since its server started.
 *
 * <p>A bucket holds what is above the bound before it and at most its own. Immutable; arrays are shared and not to be
 * written to.
 */
public final class BucketSeries {
    private final Map<String, String> labels;
    private final double[] bounds;
    private final long[] cumulative;
    private final OptionalDouble sum;
    private final OptionalDouble createdEpochSeconds;
    private final int repairs;

    /**
     * @param bounds finite, ascending
     * @param cumulative observations up to each bound, and at last all of them; ascending
     * @param repairs how many counts had to be raised to make them ascend
     */
    public BucketSeries(
            Map<String, String> labels,
            double[] bounds,
            long[] cumulative,
            OptionalDouble sum,
            OptionalDouble createdEpochSeconds,
            int repairs) {
        this.labels = Map.copyOf(labels);
        this.bounds = bounds;
        this.cumulative = cumulative;
        this.sum = sum;
        this.createdEpochSeconds = createdEpochSeconds;
        this.repairs = repairs;
    }

    /** Without {@code le}. */
    public Map<String, String> labels() {
        return labels;
    }

    /** In the page's unit. */
    public double[] bounds() {
        return bounds;
    }

    /** One more than there are bounds. */
    public long[] cumulative() {
        return cumulative;
    }

    public long count() {
        return cumulative[cumulative.length - 1];
    }

    public OptionalDouble sum() {
        return sum;
    }

    public OptionalDouble createdEpochSeconds() {
        return createdEpochSeconds;
    }

    public int repairs() {
        return repairs;
    }

    /** The same, counted since then. */
    BucketSeries createdAt(double epochSeconds) {
        return new BucketSeries(labels, bounds, cumulative, sum, OptionalDouble.of(epochSeconds), repairs);
    }
}
