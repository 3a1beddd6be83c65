package io.inferwatch.gpu;

import java.time.Duration;

/** When to try again: at once, then after a pause that doubles. Driven by the caller's nanosecond clock; one thread. */
final class Backoff {
    private final long firstNanos;
    private final long longestNanos;
    private long pauseNanos;
    private long lastTryNanos;

    Backoff(Duration first, Duration longest) {
        this.firstNanos = first.toNanos();
        this.longestNanos = longest.toNanos();
    }

    boolean isDue(long nowNanos) {
        return pauseNanos == 0 || nowNanos - lastTryNanos >= pauseNanos;
    }

    void tried(long nowNanos) {
        pauseNanos = pauseNanos == 0 ? firstNanos : Math.min(longestNanos, pauseNanos * 2);
        lastTryNanos = nowNanos;
    }

    void succeeded() {
        pauseNanos = 0;
    }
}
