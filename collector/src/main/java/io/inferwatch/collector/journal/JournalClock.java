package io.inferwatch.collector.journal;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * Wall time that never runs backward. While the wall clock is behind what was already told, time goes on by the
 * monotonic clock, so that a step back neither repeats a moment nor makes time stand still. Any thread.
 */
final class JournalClock {
    private static final long NANOS_PER_MILLI = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanos;
    private long anchorEpochMillis;
    private long anchorNanos;

    /** @param notBeforeEpochMillis the newest time told before, by an earlier process too */
    JournalClock(InstantSource wall, LongSupplier nanos, long notBeforeEpochMillis) {
        this.wall = wall;
        this.nanos = nanos;
        this.anchorEpochMillis = notBeforeEpochMillis;
        this.anchorNanos = nanos.getAsLong();
    }

    synchronized long nowEpochMillis() {
        long wallEpochMillis = wall.millis();
        long nowNanos = nanos.getAsLong();
        if (wallEpochMillis >= anchorEpochMillis) {
            anchorEpochMillis = wallEpochMillis;
            anchorNanos = nowNanos;
            return wallEpochMillis;
        }
        long passedMillis = Math.max(0, (nowNanos - anchorNanos) / NANOS_PER_MILLI);
        anchorEpochMillis += passedMillis;
        anchorNanos += passedMillis * NANOS_PER_MILLI;
        return anchorEpochMillis;
    }
}
