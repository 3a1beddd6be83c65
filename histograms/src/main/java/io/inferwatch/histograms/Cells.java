package io.inferwatch.histograms;

/**
 * The cells of an HdrHistogram of three significant digits: 2,048 sub-buckets, lowest discernible value 1. A cell is told
 * by its index in HdrHistogram's own counts array; that of a negative value is the mirrored one, negated. So cells sort
 * as their values do.
 */
final class Cells {
    /** No value lies further from 0: what a unit allows at most. */
    static final long HIGHEST_SCALED = Long.MAX_VALUE / 4;

    private static final int HALF_COUNT_MAGNITUDE = 10;
    private static final int HALF_COUNT = 1 << HALF_COUNT_MAGNITUDE;
    private static final int SUB_BUCKET_MASK = 2 * HALF_COUNT - 1;
    private static final int LEADING_ZEROS_BASE = 64 - HALF_COUNT_MAGNITUDE - 1;

    private Cells() {}

    static int of(long scaled) {
        return scaled >= 0 ? indexOf(scaled) : -indexOf(-scaled);
    }

    /** The smallest value that falls into the cell. */
    static long lowest(int cell) {
        return cell >= 0 ? lowestOf(cell) : -(lowestOf(-cell) + width(-cell) - 1);
    }

    /** The largest value that falls into the cell. */
    static long highest(int cell) {
        return cell >= 0 ? lowestOf(cell) + width(cell) - 1 : -lowestOf(-cell);
    }

    /** At most 0.05 % from any value of the cell. */
    static long middle(int cell) {
        long middle = lowestOf(Math.abs(cell)) + (width(Math.abs(cell)) >> 1);
        return cell >= 0 ? middle : -middle;
    }

    private static int indexOf(long scaled) {
        int bucket = LEADING_ZEROS_BASE - Long.numberOfLeadingZeros(scaled | SUB_BUCKET_MASK);
        int subBucket = (int) (scaled >>> bucket);
        return ((bucket + 1) << HALF_COUNT_MAGNITUDE) + subBucket - HALF_COUNT;
    }

    private static int bucketOf(int index) {
        return Math.max(0, (index >> HALF_COUNT_MAGNITUDE) - 1);
    }

    private static long lowestOf(int index) {
        return index < HALF_COUNT ? index : (long) ((index & (HALF_COUNT - 1)) + HALF_COUNT) << bucketOf(index);
    }

    private static long width(int index) {
        return 1L << bucketOf(index);
    }
}
