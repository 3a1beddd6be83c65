package io.inferwatch.gpu;

import java.time.Duration;

/**
 * Holds back when the driver is slow: NVML takes locks that the workload needs too, so at most a quarter of the time is
 * spent in it. Used by the lane; read by the watch.
 */
final class Pace {
    /** A round that took so long is followed by a pause three times as long. */
    private static final int SHARE = 4;

    private final long longestNanos;
    private volatile long notBeforeNanos;
    private volatile boolean holdsBack;

    /** @param longest from the begin of one round to the next, so that a GPU is never long out of sight */
    Pace(Duration longest) {
        longestNanos = longest.toNanos();
    }

    void finished(long beganNanos, long nowNanos) {
        notBeforeNanos = beganNanos + Math.min(longestNanos, (nowNanos - beganNanos) * SHARE);
        holdsBack = true;
    }

    /** Whether the next round must wait. */
    boolean mustWait(long nowNanos) {
        return holdsBack && nowNanos - notBeforeNanos < 0;
    }
}
