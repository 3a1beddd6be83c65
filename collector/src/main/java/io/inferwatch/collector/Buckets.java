package io.inferwatch.collector;

import java.util.Arrays;
import java.util.OptionalDouble;

/**
 * Observations that were only counted between bounds: all that a scraped histogram tells. Immutable.
 *
 * <p>Values are in the steps of the metric's unit, as doubles: a bound of 337.5 µs is none of a whole step. A bucket holds
 * what is above the bound before it and at most its own; the first begins at 0, the last has no end.
 */
public final class Buckets {
    /** Enough for any server's own set and for a native histogram. */
    public static final int MOST_BOUNDS = 4_096;

    private static final double SUM_TOLERANCE = 1e-3;

    private final double[] bounds;
    private final long[] counts;
    private final OptionalDouble sum;
    private final long count;

    /**
     * @param boundsScaled finite, not below 0, strictly ascending; none: nothing but the number is known
     * @param counts one more than there are bounds, none negative
     * @param sumScaled of all observations, where it is known; one that they cannot come to is none
     */
    public Buckets(double[] boundsScaled, long[] counts, OptionalDouble sumScaled) {
        if (boundsScaled.length > MOST_BOUNDS || counts.length != boundsScaled.length + 1) {
            throw new IllegalArgumentException(
                    boundsScaled.length + " bounds (at most " + MOST_BOUNDS + ") with " + counts.length + " counts");
        }
        double before = Double.NEGATIVE_INFINITY;
        for (double bound : boundsScaled) {
            if (!(bound > before) || bound < 0 || !Double.isFinite(bound)) {
                throw new IllegalArgumentException(
                        "bucket bounds " + Arrays.toString(boundsScaled) + " are not finite, from 0 and ascending");
            }
            before = bound;
        }
        long all = 0;
        for (long each : counts) {
            if (each < 0) {
                throw new IllegalArgumentException("a bucket of " + each + " observations");
            }
            all = Math.addExact(all, each);
        }
        boolean isSumUsable = sumScaled.isPresent() && isPossible(sumScaled.getAsDouble(), boundsScaled, counts);
        this.bounds = boundsScaled.clone();
        this.counts = counts.clone();
        this.sum = isSumUsable ? sumScaled : OptionalDouble.empty();
        this.count = all;
    }

    /** Whether so many within these bounds can come to it; rounding aside. */
    private static boolean isPossible(double sum, double[] bounds, long[] counts) {
        double least = 0;
        double most = counts[bounds.length] > 0 ? Double.POSITIVE_INFINITY : 0;
        for (int i = 0; i < counts.length; i++) {
            least += counts[i] * (i == 0 ? 0 : bounds[i - 1]);
            most += i == bounds.length ? 0 : counts[i] * bounds[i];
        }
        return Double.isFinite(sum)
                && sum >= 0
                && sum >= least * (1 - SUM_TOLERANCE)
                && sum <= most * (1 + SUM_TOLERANCE);
    }

    public int boundCount() {
        return bounds.length;
    }

    public double boundAt(int index) {
        return bounds[index];
    }

    /** @param index from 0 to {@link #boundCount}, which is the bucket past the last bound */
    public long countAt(int index) {
        return counts[index];
    }

    public long count() {
        return count;
    }

    public OptionalDouble sum() {
        return sum;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Buckets that
                && Arrays.equals(bounds, that.bounds)
                && Arrays.equals(counts, that.counts)
                && sum.equals(that.sum);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds) * 31 + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "Buckets[bounds=" + Arrays.toString(bounds) + ", counts=" + Arrays.toString(counts) + ", sum=" + sum
                + "]";
    }
}
