package io.inferwatch.collector.testing;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A wall clock and a monotonic clock moved by hand; only the wall clock can be set back. */
public final class SteppedClock implements InstantSource {
    private Instant wall;
    private long nanos;

    public SteppedClock(Instant start) {
        wall = start;
    }

    @Override
    public synchronized Instant instant() {
        return wall;
    }

    public synchronized long nanos() {
        return nanos;
    }

    public synchronized void advance(Duration time) {
        wall = wall.plus(time);
        nanos += time.toNanos();
    }

    /** Somebody set the wall clock; no time passed. */
    public synchronized void step(Duration by) {
        wall = wall.plus(by);
    }
}
