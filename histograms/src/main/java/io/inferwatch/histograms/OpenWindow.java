package io.inferwatch.histograms;

/** A 10 s window that is being written; begins anew, empty, after each hand-over. Guarded by the store's lock. */
final class OpenWindow {
    final long startMillis;
    final long firstSequence;
    final long openedMillis;
    final Tally tally = new Tally();
    long lastSequence;

    /** @param openedMillis when its first record was received */
    OpenWindow(long startMillis, long firstSequence, long openedMillis) {
        this.startMillis = startMillis;
        this.firstSequence = firstSequence;
        this.openedMillis = openedMillis;
    }

    /** A late window, too, stays open for a moment: what comes with it goes into one row. */
    boolean isDue(long nowMillis, long graceMillis) {
        return startMillis + Resolution.TEN_SECONDS.millis() + graceMillis <= nowMillis
                && openedMillis + graceMillis <= nowMillis;
    }
}
