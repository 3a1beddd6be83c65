package io.inferwatch.notifier.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that goes when told; wall time and monotonic time together. */
public final class ManualClock implements InstantSource {
    private volatile Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private volatile long nanos = 1_000_000_000L;

    public synchronized void advance(Duration by) {
        now = now.plus(by);
        nanos += by.toNanos();
    }

    @Override
    public Instant instant() {
        return now;
    }

    public long nanos() {
        return nanos;
    }
}
