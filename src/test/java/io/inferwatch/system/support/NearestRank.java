package io.inferwatch.system.support;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/** The percentile by definition: the value at rank ⌈p·n/100⌉ of the sorted list, the rank in exact arithmetic. */
public final class NearestRank {
    private final double[] sorted;

    public NearestRank(double[] values) {
        sorted = values.clone();
        Arrays.sort(sorted);
    }

    /** @param percentile as a decimal text, so that 99.9 is 99.9 */
    public double at(String percentile) {
        int rank = new BigDecimal(percentile)
                .multiply(BigDecimal.valueOf(sorted.length))
                .divide(BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
                .intValueExact();
        return sorted[Math.max(0, rank - 1)];
    }

    public double min() {
        return sorted[0];
    }

    public double max() {
        return sorted[sorted.length - 1];
    }

    public int count() {
        return sorted.length;
    }

    /** The share of values strictly above a limit. */
    public double shareAbove(double limit) {
        return Arrays.stream(sorted).filter(value -> value > limit).count() / (double) sorted.length;
    }
}
