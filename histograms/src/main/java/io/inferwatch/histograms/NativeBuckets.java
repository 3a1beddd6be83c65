package io.inferwatch.histograms;

import java.util.Arrays;

/**
 * A {@link NativeHistogram} that is being filled. Past {@value #MOST_BUCKETS} buckets of one sign two are made one, as
 * often as it takes: that keeps every count exact and the memory bounded. Guarded by the store's lock.
 */
final class NativeBuckets {
    private static final int FINEST_SCHEMA = 5;
    private static final int COARSEST_SCHEMA = -4;
    private static final int MOST_BUCKETS = 320;
    private static final int PER_DOUBLING = 1 << FINEST_SCHEMA;

    private static final int MANTISSA_BITS = 52;
    private static final long MANTISSA = (1L << MANTISSA_BITS) - 1;

    /** The upper bounds from 1 to below 2, as the mantissas of doubles: they sort as the numbers do. */
    private static final long[] BOUNDS = bounds();

    private static long[] bounds() {
        long[] bounds = new long[PER_DOUBLING];
        for (int i = 0; i < PER_DOUBLING; i++) {
            bounds[i] = Double.doubleToRawLongBits(Math.pow(2, (double) i / PER_DOUBLING)) & MANTISSA;
        }
        return bounds;
    }

    private int schema = FINEST_SCHEMA;
    private long zeros;
    private final Side positive = new Side();
    private final Side negative = new Side();

    /** @param value in base units */
    void add(double value, long weight) {
        if (value == 0) {
            zeros += weight;
            return;
        }
        Side side = value > 0 ? positive : negative;
        int finest = finestIndex(Math.abs(value));
        int index = atSchema(finest);
        while (side.sizeWith(index) > MOST_BUCKETS && schema > COARSEST_SCHEMA) {
            positive.halve();
            negative.halve();
            schema--;
            index = atSchema(finest);
        }
        side.add(index, weight);
    }

    private int atSchema(int finest) {
        int index = finest;
        for (int coarser = FINEST_SCHEMA; coarser > schema; coarser--) {
            index = halved(index);
        }
        return index;
    }

    /** The bucket of twice the width that holds a bucket. */
    private static int halved(int index) {
        return (index + 1) >> 1;
    }

    private static int finestIndex(double size) {
        int found = Arrays.binarySearch(BOUNDS, Double.doubleToRawLongBits(size) & MANTISSA);
        int above = found >= 0 ? found : -found - 1;
        return above + Math.getExponent(size) * PER_DOUBLING;
    }

    NativeHistogram snapshot() {
        return new NativeHistogram(schema, zeros, positive.snapshot(), negative.snapshot());
    }

    private static final class Side {
        private long[] counts = {};
        private int first;
        private int size;

        int sizeWith(int index) {
            return size == 0 ? 1 : Math.max(first + size - 1, index) - Math.min(first, index) + 1;
        }

        void add(int index, long weight) {
            if (size == 0) {
                first = index;
            }
            if (index < first || index >= first + size) {
                grow(index);
            }
            counts[index - first] += weight;
        }

        private void grow(int index) {
            int needed = sizeWith(index);
            int from = Math.min(first, index);
            if (needed > counts.length || from < first) {
                long[] larger = new long[Math.max(needed, Math.min(counts.length * 2, MOST_BUCKETS))];
                System.arraycopy(counts, 0, larger, first - from, size);
                counts = larger;
            }
            first = from;
            size = needed;
        }

        void halve() {
            if (size == 0) {
                return;
            }
            int from = halved(first);
            long[] merged = new long[halved(first + size - 1) - from + 1];
            for (int i = 0; i < size; i++) {
                merged[halved(first + i) - from] += counts[i];
            }
            counts = merged;
            first = from;
            size = merged.length;
        }

        NativeHistogram.Side snapshot() {
            return new NativeHistogram.Side(first, Arrays.copyOf(counts, size));
        }
    }
}
