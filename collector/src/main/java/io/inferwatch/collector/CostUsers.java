package io.inferwatch.collector;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which users have a cost series of their own: the 1,000 that cost most of late; the cost of all others is told as that of
 * {@value #OTHER}. What is decided for a request is journalled with it, so a replay, which knows less, decides nothing.
 *
 * <p>Another 3,000 are watched, by the space-saving method (Metwally, Agrawal, El Abbadi 2005): a newcomer takes the place
 * of the one watched with the least, and from then on counts for itself what it costs. So a user above a 3,000th of the
 * total is seen however many small ones there are. All counts are halved each hour. About 1 MB when full. Any thread.
 */
final class CostUsers {
    static final String OTHER = "other";

    static final int MOST_KEPT = 1_000;
    private static final int MOST_WATCHED = 3_000;
    private static final long HALVED_EVERY_MILLIS = 3_600_000;
    /** A tenth more than the least of those kept: two of the same size do not change places all the time. */
    private static final long LEAD_DIVISOR = 10;

    private static final class Spender {
        private final String user;
        /** What it is known to have cost, 10⁻⁹ $. */
        private long nanos;
        /** What the one whose place it took had, which may or may not have been its own. */
        private long doubtNanos;

        private boolean isKept;

        Spender(String user, long doubtNanos) {
            this.user = user;
            this.doubtNanos = doubtNanos;
        }

        private long rankNanos() {
            return isKept ? nanos : nanos + doubtNanos;
        }
    }

    private static final Comparator<Spender> LEAST_FIRST =
            Comparator.comparingLong(Spender::rankNanos).thenComparing(spender -> spender.user);

    private final Map<String, Spender> byUser = new HashMap<>();
    private final TreeSet<Spender> kept = new TreeSet<>(LEAST_FIRST);
    private final TreeSet<Spender> watched = new TreeSet<>(LEAST_FIRST);
    private long halvedMillis = Long.MIN_VALUE;
    private long toldAsOther;

    /**
     * Counts the cost of one request.
     *
     * @param nowEpochMillis by the journal's clock
     * @return whether it is told as that of {@link #OTHER}
     */
    synchronized boolean isOther(String user, long costNanos, long nowEpochMillis) {
        halveIfDue(nowEpochMillis);
        Spender spender = byUser.get(user);
        if (spender == null) {
            spender = newcomer(user);
            byUser.put(user, spender);
        } else {
            (spender.isKept ? kept : watched).remove(spender);
        }
        // 9 · 10⁹ $ an hour: no price list reaches it, but nothing is to turn negative.
        spender.nanos = Math.min(spender.nanos + costNanos, Long.MAX_VALUE / 4);
        place(spender);
        toldAsOther += spender.isKept ? 0 : 1;
        return !spender.isKept;
    }

    /** The same for history, which says nothing about what users cost of late. */
    synchronized boolean isOther(String user) {
        Spender spender = byUser.get(user);
        boolean isOther = spender == null ? kept.size() >= MOST_KEPT : !spender.isKept;
        toldAsOther += isOther ? 1 : 0;
        return isOther;
    }

    /** Requests whose cost was told as that of {@link #OTHER}. */
    synchronized long toldAsOther() {
        return toldAsOther;
    }

    private Spender newcomer(String user) {
        if (kept.size() < MOST_KEPT || watched.size() < MOST_WATCHED) {
            return new Spender(user, 0);
        }
        Spender least = watched.removeFirst();
        byUser.remove(least.user);
        return new Spender(user, least.rankNanos());
    }

    private void place(Spender spender) {
        if (!spender.isKept && isLargeEnough(spender)) {
            if (kept.size() == MOST_KEPT) {
                Spender least = kept.removeFirst();
                least.isKept = false;
                watched.add(least);
            }
            spender.isKept = true;
        }
        (spender.isKept ? kept : watched).add(spender);
    }

    private boolean isLargeEnough(Spender spender) {
        if (kept.size() < MOST_KEPT) {
            return true;
        }
        long least = kept.getFirst().nanos;
        return spender.nanos > least + least / LEAD_DIVISOR;
    }

    private void halveIfDue(long nowEpochMillis) {
        if (halvedMillis == Long.MIN_VALUE) {
            halvedMillis = nowEpochMillis;
        }
        if (nowEpochMillis - halvedMillis >= HALVED_EVERY_MILLIS) {
            halvedMillis = nowEpochMillis;
            halve(kept);
            halve(watched);
        }
    }

    private static void halve(Set<Spender> spenders) {
        List<Spender> all = new ArrayList<>(spenders);
        spenders.clear();
        for (Spender spender : all) {
            spender.nanos /= 2;
            spender.doubtNanos /= 2;
            spenders.add(spender);
        }
    }
}
