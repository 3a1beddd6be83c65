package io.inferwatch.collector.otlp;

import io.inferwatch.collector.scrape.page.BucketSeries;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A histogram point as bounds and cumulative counts, in the sender's unit. Exponential bucket {@code i} of scale {@code s}
 * ends at {@code 2^(i·2^−s)}, which is computed alike at every scale, so that a bound that two scales share is the same number.
 */
final class PointBuckets {
    /** Above this a double no longer counts by ones. */
    private static final long HIGHEST_COUNT = 1L << 53;

    private static final int COARSEST_SCALE = -10;
    private static final int FINEST_SCALE = 20;

    private final double[] bounds = new double[MetricPoint.MOST_BUCKETS + 3];
    private final long[] cumulative = new long[bounds.length];
    private int size;
    private long counted;

    private PointBuckets() {}

    /** @throws MalformedOtlpException naming what is wrong with the point */
    static BucketSeries of(MetricData data, MetricPoint point) throws MalformedOtlpException {
        PointBuckets buckets = new PointBuckets();
        require(!point.isTooLarge, data, "has more than " + MetricPoint.MOST_BUCKETS + " buckets in a point");
        require(isCount(point.count), data, "has a count of " + Long.toUnsignedString(point.count));
        if (data.kind() == MetricData.Kind.HISTOGRAM) {
            buckets.explicit(data, point);
        } else {
            buckets.exponential(data, point);
        }
        require(
                buckets.counted == point.count,
                data,
                "has buckets of " + buckets.counted + " observations and a count of " + point.count);
        return buckets.finish(point.sum);
    }

    private void explicit(MetricData data, MetricPoint point) throws MalformedOtlpException {
        double[] given = point.bounds();
        long[] counts = point.counts();
        if (counts.length == 0 && given.length == 0) {
            counted = point.count;
            return;
        }
        require(
                counts.length == given.length + 1,
                data,
                "has " + given.length + " bounds and " + counts.length
                        + " buckets; there is one bucket more than bounds");
        double before = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < counts.length; i++) {
            double upper = i < given.length ? given[i] : Double.POSITIVE_INFINITY;
            require(isCount(counts[i]), data, "has a bucket of " + Long.toUnsignedString(counts[i]) + " observations");
            boolean isAscending = upper > before || (i == given.length && before == Double.POSITIVE_INFINITY);
            require(isAscending, data, "has bounds that do not ascend: " + upper + " after " + before);
            require(upper >= 0 || counts[i] == 0, data, "has observations below 0");
            before = upper;
            put(upper, counts[i]);
        }
    }

    private void exponential(MetricData data, MetricPoint point) throws MalformedOtlpException {
        require(!point.hasNegative, data, "has observations below 0");
        require(
                point.scale >= COARSEST_SCALE && point.scale <= FINEST_SCALE,
                data,
                "has a scale of " + point.scale + "; send " + COARSEST_SCALE + " to " + FINEST_SCALE);
        require(Math.abs(point.offset) <= Integer.MAX_VALUE, data, "has an offset of " + point.offset);
        require(point.zeroThreshold >= 0 && isCount(point.zeroCount), data, "has a zero bucket that is none");
        put(point.zeroThreshold, point.zeroCount);
        long[] counts = point.counts();
        double width = Math.pow(2, -point.scale);
        put(Math.max(point.zeroThreshold, upper(point.offset, width)), 0);
        for (int i = 0; i < counts.length; i++) {
            require(isCount(counts[i]), data, "has a bucket of " + Long.toUnsignedString(counts[i]) + " observations");
            put(upper(point.offset + i + 1, width), counts[i]);
        }
    }

    private static double upper(long index, double width) {
        return Math.pow(2, index * width);
    }

    /** A bound that is none, or none of its own, leaves its bucket to the one it cannot be told from. */
    private void put(double upper, long count) throws MalformedOtlpException {
        counted += count;
        if (!isCount(counted)) {
            throw new MalformedOtlpException("a histogram of more than " + HIGHEST_COUNT + " observations");
        }
        if (size > 0 && upper <= bounds[size - 1]) {
            cumulative[size - 1] = counted;
        } else if (upper >= 0 && upper < Double.POSITIVE_INFINITY) {
            bounds[size] = upper;
            cumulative[size++] = counted;
        }
    }

    private BucketSeries finish(double sum) {
        long[] counts = Arrays.copyOf(cumulative, size + 1);
        counts[size] = counted;
        boolean isSumKnown = sum >= 0 && sum < Double.POSITIVE_INFINITY;
        return new BucketSeries(
                Map.of(),
                Arrays.copyOf(bounds, size),
                counts,
                isSumKnown ? OptionalDouble.of(sum) : OptionalDouble.empty(),
                OptionalDouble.empty(),
                0);
    }

    private static boolean isCount(long count) {
        return count >= 0 && count <= HIGHEST_COUNT;
    }

    private static void require(boolean holds, MetricData data, String problem) throws MalformedOtlpException {
        if (!holds) {
            throw new MalformedOtlpException(data.name() + " " + problem);
        }
    }
}
