package io.inferwatch.collector.scrape.page;

import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** A histogram whose lines come in any order. Used by one thread. */
final class BucketDraft {
    private static final int MOST_BOUNDS = 2_048;
    /** Above this a double no longer counts by ones. */
    private static final double HIGHEST_COUNT = 1L << 53;

    private record Bound(double upper, long cumulative) {}

    private Bound[] bounds = new Bound[16];
    private int size;
    private OptionalDouble sum = OptionalDouble.empty();
    private OptionalDouble count = OptionalDouble.empty();

    /**
     * @param upper may be {@code +∞}
     * @return what is wrong with it; empty when it was taken
     */
    Optional<String> bucket(double upper, double cumulative) {
        if (Double.isNaN(upper) || !isCount(cumulative)) {
            return Optional.of("a bucket up to " + upper + " with a count of " + cumulative);
        }
        if (size == MOST_BOUNDS) {
            return Optional.of("a histogram of more than " + MOST_BOUNDS + " buckets");
        }
        if (size == bounds.length) {
            bounds = Arrays.copyOf(bounds, size * 2);
        }
        bounds[size++] = new Bound(upper, (long) cumulative);
        return Optional.empty();
    }

    void sum(double value) {
        sum = Double.isFinite(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    void count(double value) {
        count = isCount(value) ? OptionalDouble.of(value) : OptionalDouble.empty();
    }

    private static boolean isCount(double value) {
        return value >= 0 && value <= HIGHEST_COUNT;
    }

    /** Whether it has buckets, and nothing says how many lie past the last of them. */
    boolean isWithoutTotal() {
        return size > 0 && count.isEmpty() && !hasBucketOfAll();
    }

    private boolean hasBucketOfAll() {
        for (int i = 0; i < size; i++) {
            if (bounds[i].upper == Double.POSITIVE_INFINITY) {
                return true;
            }
        }
        return false;
    }

    /** Empty where nothing says how many there are: what is only counted up to a bound has percentiles of no kind. */
    Optional<BucketSeries> finish(Map<String, String> labels) {
        boolean hasAll = hasBucketOfAll();
        if (!hasAll && count.isEmpty()) {
            return Optional.empty();
        }
        Bound[] sorted = Arrays.copyOf(bounds, size);
        Arrays.sort(sorted, (a, b) -> Double.compare(a.upper, b.upper));
        double[] uppers = new double[size];
        long[] cumulative = new long[size + 1];
        int finite = 0;
        int repairs = 0;
        long highest = 0;
        long all = 0;
        for (Bound bound : sorted) {
            if (bound.upper == Double.POSITIVE_INFINITY) {
                all = Math.max(all, bound.cumulative);
            } else if (bound.upper != Double.NEGATIVE_INFINITY) {
                repairs += bound.cumulative < highest ? 1 : 0;
                highest = Math.max(highest, bound.cumulative);
                boolean isRepeated = finite > 0 && uppers[finite - 1] == bound.upper;
                finite -= isRepeated ? 1 : 0;
                uppers[finite] = bound.upper;
                cumulative[finite++] = highest;
            }
        }
        long said = hasAll ? all : (long) count.orElseThrow();
        repairs += said < highest ? 1 : 0;
        cumulative[finite] = Math.max(said, highest);
        return Optional.of(new BucketSeries(
                labels,
                Arrays.copyOf(uppers, finite),
                Arrays.copyOf(cumulative, finite + 1),
                sum,
                OptionalDouble.empty(),
                repairs));
    }
}
