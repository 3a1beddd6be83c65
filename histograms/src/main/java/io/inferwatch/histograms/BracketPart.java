package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import java.util.Arrays;

/**
 * Bucket counts over one set of bounds. A bucket holds what is above the bound before it and at most its own; the first
 * begins at 0, the last has no end. Values are in the steps of the metric's unit. Immutable; arrays are shared.
 */
final class BracketPart {
    private final double[] bounds;
    private final long[] counts;
    private final double sum;
    private final long count;

    /**
     * @param counts one more than there are bounds
     * @param sum of all observations; NaN where it is not known
     * @param count all of them
     */
    BracketPart(double[] bounds, long[] counts, double sum, long count) {
        this.bounds = bounds;
        this.counts = counts;
        this.sum = sum;
        this.count = count;
    }

    static BracketPart of(double[] bounds, long[] counts, double sum) {
        long count = 0;
        for (long each : counts) {
            count = Math.addExact(count, each);
        }
        return new BracketPart(bounds, counts, sum, count);
    }

    static BracketPart of(Buckets buckets) {
        double[] bounds = new double[buckets.boundCount()];
        long[] counts = new long[bounds.length + 1];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = buckets.countAt(i);
            if (i < bounds.length) {
                bounds[i] = buckets.boundAt(i);
            }
        }
        return new BracketPart(bounds, counts, buckets.sum().orElse(Double.NaN), buckets.count());
    }

    /** The same window read as brackets: each cell is a bucket. */
    static BracketPart ofCells(WindowData data) {
        int cells = 0;
        for (PackedCells.Cursor each = data.cursor(); each.next(); ) {
            cells++;
        }
        double[] bounds = new double[2 * cells];
        long[] counts = new long[2 * cells + 1];
        int next = 0;
        for (PackedCells.Cursor each = data.cursor(); each.next(); ) {
            double below = Math.max(0, (double) Cells.lowest(each.cell()) - 0.5);
            if (next == 0 || bounds[next - 1] < below) {
                bounds[next++] = below;
            }
            bounds[next] = Math.max(below, (double) Cells.highest(each.cell())) + 0.25;
            counts[next++] = each.count();
        }
        return of(Arrays.copyOf(bounds, next), Arrays.copyOf(counts, next + 1), data.sumScaled());
    }

    double lower(int bucket) {
        return bucket == 0 ? 0 : bounds[bucket - 1];
    }

    double upper(int bucket) {
        return bucket == bounds.length ? Double.POSITIVE_INFINITY : bounds[bucket];
    }

    /** Shared: not to be written to. */
    double[] bounds() {
        return bounds;
    }

    /** One more than there are bounds. Shared: not to be written to. */
    long[] counts() {
        return counts;
    }

    /** Of all observations; NaN where it is not known. */
    double sum() {
        return sum;
    }

    long count() {
        return count;
    }

    boolean hasBoundsOf(BracketPart other) {
        return Arrays.equals(bounds, other.bounds);
    }

    /**
     * Both in one, over the bounds of both. That loses nothing as long as each bound that one adds to the other falls
     * where the other counted nothing: an empty bucket may be cut anywhere.
     */
    boolean fits(BracketPart other) {
        return hasBoundsOf(other)
                || (bounds.length + other.bounds.length <= Buckets.MOST_BOUNDS
                        && isCutOnlyWhereEmpty(other.bounds)
                        && other.isCutOnlyWhereEmpty(bounds));
    }

    private boolean isCutOnlyWhereEmpty(double[] cuts) {
        for (double cut : cuts) {
            int at = Arrays.binarySearch(bounds, cut);
            if (at < 0 && counts[-at - 1] != 0) {
                return false;
            }
        }
        return true;
    }

    /** @param other one that fits */
    BracketPart plus(BracketPart other) {
        double[] both = hasBoundsOf(other) ? bounds : union(bounds, other.bounds);
        long[] added = new long[both.length + 1];
        addTo(both, added);
        other.addTo(both, added);
        return new BracketPart(both, added, sum + other.sum, Math.addExact(count, other.count));
    }

    /** Both over the bounds they share: coarser than either, and still true. */
    BracketPart coarsened(BracketPart other) {
        double[] shared = Arrays.stream(bounds)
                .filter(bound -> Arrays.binarySearch(other.bounds, bound) >= 0)
                .toArray();
        long[] added = new long[shared.length + 1];
        addTo(shared, added);
        other.addTo(shared, added);
        return new BracketPart(shared, added, sum + other.sum, Math.addExact(count, other.count));
    }

    /** Each bucket's count goes where its upper bound lies. */
    private void addTo(double[] target, long[] added) {
        int at = 0;
        for (int i = 0; i < counts.length; i++) {
            while (at < target.length && target[at] < upper(i)) {
                at++;
            }
            added[at] = Math.addExact(added[at], counts[i]);
        }
    }

    private static double[] union(double[] some, double[] others) {
        double[] all = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        return Arrays.stream(all).sorted().distinct().toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BracketPart that
                && Arrays.equals(bounds, that.bounds)
                && Arrays.equals(counts, that.counts)
                && Double.compare(sum, that.sum) == 0;
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bounds) * 31 + Arrays.hashCode(counts);
    }

    @Override
    public String toString() {
        return "BracketPart[bounds=" + Arrays.toString(bounds) + ", counts=" + Arrays.toString(counts) + ", sum=" + sum
                + "]";
    }
}
