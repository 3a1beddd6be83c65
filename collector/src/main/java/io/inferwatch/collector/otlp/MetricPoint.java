package io.inferwatch.collector.otlp;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * One data point as a decoder found it, unchecked; names are those of {@code metrics.proto}. Attribute values are
 * {@link String}, {@link Long}, {@link Double} or {@link Boolean}; of an array, its first.
 */
final class MetricPoint {
    /** Exporters write 160 at most. */
    static final int MOST_BUCKETS = 1_024;

    private static final int MOST_ATTRIBUTES = 64;

    private static final int NO_RECORDED_VALUE = 1;

    final Map<String, Object> attributes = new HashMap<>();
    long startNanos;
    long timeNanos;
    long flags;
    /** Of a gauge or a sum. */
    double value = Double.NaN;

    long count;
    double sum = Double.NaN;
    int scale;
    long zeroCount;
    double zeroThreshold;
    long offset;
    boolean hasNegative;
    boolean isTooLarge;
    private long[] counts = {};
    private int countsKept;
    private double[] bounds = {};
    private int boundsKept;

    /** For a decoder: one attribute more than there may be is kept, which {@link #hasTooMany} tells. */
    static Predicate<String> room(Map<String, Object> attributes) {
        return key -> attributes.size() <= MOST_ATTRIBUTES;
    }

    static boolean hasTooMany(Map<String, Object> attributes) {
        return attributes.size() > MOST_ATTRIBUTES;
    }

    /** Whether the sender only says that it has nothing to say. */
    boolean isEmpty() {
        return (flags & NO_RECORDED_VALUE) != 0;
    }

    void addCount(long bucket) {
        if (countsKept > MOST_BUCKETS) {
            isTooLarge = true;
            return;
        }
        if (countsKept == counts.length) {
            counts = Arrays.copyOf(counts, Math.max(16, countsKept * 2));
        }
        counts[countsKept++] = bucket;
    }

    void addBound(double bound) {
        if (boundsKept == MOST_BUCKETS) {
            isTooLarge = true;
            return;
        }
        if (boundsKept == bounds.length) {
            bounds = Arrays.copyOf(bounds, Math.max(16, boundsKept * 2));
        }
        bounds[boundsKept++] = bound;
    }

    long[] counts() {
        return Arrays.copyOf(counts, countsKept);
    }

    double[] bounds() {
        return Arrays.copyOf(bounds, boundsKept);
    }
}
