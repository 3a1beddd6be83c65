package io.inferwatch.collector.journal;

import java.util.ArrayDeque;

/**
 * How many records came in the busiest stretch shortly before the newest one: what could have been waiting for the disk
 * when the machine stopped, judged by the records that are there.
 */
final class BusiestStretch {
    private static final long LOOKED_AT_MILLIS = 10_000;

    private final long stretchMillis;
    private final ArrayDeque<Long> received = new ArrayDeque<>();
    private long newestMillis = Long.MIN_VALUE;
    private int most;

    private BusiestStretch(long stretchMillis) {
        this.stretchMillis = stretchMillis;
    }

    /** @return at least 1: the first record of a busy time may be the one that is missing */
    static long records(SegmentChain chain, long stretchMillis) {
        BusiestStretch busiest = new BusiestStretch(stretchMillis);
        RecordSearch.scanBackward(chain, (sequence, receivedMillis, payload) -> busiest.see(receivedMillis));
        return Math.max(1, busiest.most);
    }

    private boolean see(long receivedMillis) {
        newestMillis = Math.max(newestMillis, receivedMillis);
        received.addLast(receivedMillis);
        while (received.getFirst() - receivedMillis > stretchMillis) {
            received.removeFirst();
        }
        most = Math.max(most, received.size());
        return newestMillis - receivedMillis < LOOKED_AT_MILLIS;
    }
}
