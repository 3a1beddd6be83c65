package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import org.jspecify.annotations.Nullable;

/**
 * The newest seconds of one series that a rule reads, until they are handed on. A few are open at once, since senders
 * are never quite in step. Guarded by the store's lock.
 */
final class RulePanes {
    private static final int OPEN_AT_ONCE = 4;
    static final long WIDTH_MILLIS = 1_000;

    private final long[] starts = new long[OPEN_AT_ONCE];
    private final boolean[] panesOnly = new boolean[OPEN_AT_ONCE];
    private final @Nullable Tally[] tallies = new Tally[OPEN_AT_ONCE];
    private int next;
    boolean isListed;

    /** @param panesOnly whether the database has this sample already, so that only the panes lack it */
    void record(
            RuleFeed feed,
            Series series,
            long epochMillis,
            long scaled,
            long weight,
            boolean clamped,
            boolean panesOnly) {
        long start = startOf(epochMillis);
        Tally tally = at(feed, series, start, panesOnly);
        tally.record(scaled, weight, epochMillis, null);
        if (clamped) {
            tally.addClamped(weight);
        }
    }

    void record(RuleFeed feed, Series series, long epochMillis, Buckets added, boolean panesOnly) {
        at(feed, series, startOf(epochMillis), panesOnly).record(added, epochMillis);
    }

    private static long startOf(long epochMillis) {
        return Math.floorDiv(epochMillis, WIDTH_MILLIS) * WIDTH_MILLIS;
    }

    private Tally at(RuleFeed feed, Series series, long start, boolean panesOnly) {
        Tally known = find(start, panesOnly);
        return known == null ? begin(feed, series, start, panesOnly) : known;
    }

    private @Nullable Tally find(long start, boolean panesOnly) {
        for (int i = 0; i < OPEN_AT_ONCE; i++) {
            if (starts[i] == start && tallies[i] != null && this.panesOnly[i] == panesOnly) {
                return tallies[i];
            }
        }
        return null;
    }

    private Tally begin(RuleFeed feed, Series series, long start, boolean panesOnly) {
        flush(feed, series, next);
        Tally made = new Tally();
        tallies[next] = made;
        starts[next] = start;
        this.panesOnly[next] = panesOnly;
        next = (next + 1) % OPEN_AT_ONCE;
        return made;
    }

    void flush(RuleFeed feed, Series series) {
        for (int i = 0; i < OPEN_AT_ONCE; i++) {
            flush(feed, series, i);
        }
    }

    private void flush(RuleFeed feed, Series series, int slot) {
        Tally tally = tallies[slot];
        if (tally != null) {
            tallies[slot] = null;
            if (!tally.isEmpty()) {
                feed.add(new RuleFeed.Piece(
                        series.key, series.source.name, starts[slot], panesOnly[slot], tally.toWindowData()));
            }
        }
    }
}
