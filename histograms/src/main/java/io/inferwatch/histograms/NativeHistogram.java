package io.inferwatch.histograms;

/**
 * Counts in exponential buckets, as Prometheus's native histograms and OpenTelemetry's exponential ones have them: bucket
 * {@code i} holds values above {@code base^(i-1)} and up to {@code base^i}, the base being 2^(2^-schema); negative values
 * the same by their size. Every sample is put into its bucket by its own value, so counts are exact at every bound.
 * Immutable. Values are in base units (seconds, bytes, ratios).
 *
 * @param schema 5 (a bucket is 2.2 % wide) or, where values lie far apart, less
 * @param zeroCount samples that are exactly 0
 */
public record NativeHistogram(int schema, long zeroCount, Side positive, Side negative) {

    /** The buckets of one sign, from the lowest used to the highest. */
    public static final class Side {
        private final int first;
        private final long[] counts;

        Side(int first, long[] counts) {
            this.first = first;
            this.counts = counts;
        }

        /** The index of the first bucket; means nothing where there is none. */
        public int first() {
            return first;
        }

        /** How many buckets there are; empty ones among them. */
        public int size() {
            return counts.length;
        }

        /** @param offset from the first, below {@link #size} */
        public long count(int offset) {
            return counts[offset];
        }
    }

    /** Samples in all. */
    public long count() {
        return zeroCount + sum(positive) + sum(negative);
    }

    private static long sum(Side side) {
        long sum = 0;
        for (long count : side.counts) {
            sum += count;
        }
        return sum;
    }

    /** The upper bound of a bucket of this schema, in base units. */
    public static double upperBound(int schema, int index) {
        return Math.pow(2, Math.scalb((double) index, -schema));
    }
}
