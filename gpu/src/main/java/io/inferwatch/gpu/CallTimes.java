package io.inferwatch.gpu;

import java.util.Arrays;

/**
 * How long the calls of one symbol took: counts in cells a sixteenth of their value wide, over the last one to two
 * minutes. Fixed memory; not thread-safe.
 */
final class CallTimes {
    private static final int CELLS_PER_DOUBLING = 16;
    private static final int LINEAR_BITS = 5;
    private static final int CELLS = (64 - LINEAR_BITS) * CELLS_PER_DOUBLING + 2 * CELLS_PER_DOUBLING;
    private static final long HALF_NANOS = 60_000_000_000L;

    private int[] current = new int[CELLS];
    private int[] before = new int[CELLS];
    private long turnedNanos;

    CallTimes(long nowNanos) {
        turnedNanos = nowNanos;
    }

    void add(long tookNanos, long nowNanos) {
        turn(nowNanos);
        current[cell(Math.max(0, tookNanos))]++;
    }

    /**
     * The time within which this share of the calls returned, to a sixteenth; 0 when there was none lately.
     *
     * @param share 0 to 1
     */
    long percentileNanos(double share, long nowNanos) {
        turn(nowNanos);
        long count = 0;
        for (int cell = 0; cell < CELLS; cell++) {
            count += current[cell] + before[cell];
        }
        long rank = Math.max(1, (long) Math.ceil(share * count));
        long seen = 0;
        for (int cell = 0; cell < CELLS && count > 0; cell++) {
            seen += current[cell] + before[cell];
            if (seen >= rank) {
                return highest(cell);
            }
        }
        return 0;
    }

    private void turn(long nowNanos) {
        long passed = nowNanos - turnedNanos;
        if (passed < HALF_NANOS) {
            return;
        }
        int[] emptied = before;
        before = passed < 2 * HALF_NANOS ? current : new int[CELLS];
        Arrays.fill(emptied, 0);
        current = emptied;
        turnedNanos = nowNanos;
    }

    /** Up to 32 a cell each; from there sixteen cells a doubling. */
    private static int cell(long nanos) {
        int doublings = Math.max(0, 64 - Long.numberOfLeadingZeros(nanos) - LINEAR_BITS);
        return doublings * CELLS_PER_DOUBLING + (int) (nanos >>> doublings);
    }

    private static long highest(int cell) {
        int doublings = Math.max(0, cell / CELLS_PER_DOUBLING - 1);
        return ((long) (cell - doublings * CELLS_PER_DOUBLING) << doublings) + (1L << doublings) - 1;
    }
}
