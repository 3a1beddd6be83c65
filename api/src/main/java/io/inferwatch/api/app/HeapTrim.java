package io.inferwatch.api.app;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Gives heap back that only garbage holds. The serial collector enlarges the old generation for as long as the limit
 * allows and looks through it only when that is reached, so a heap of 20 MiB in use would fill all 256 within two hours.
 * This asks for a full collection once the heap has grown by a quarter, and rarely enough to cost nothing. Used by one
 * thread.
 */
final class HeapTrim {
    /** How often to look. */
    private static final Duration EVERY = Duration.ofSeconds(10);

    private static final Duration LEAST_BETWEEN = Duration.ofMinutes(1);
    /** So the pauses are at most a thousandth of the time, also on a large heap or a busy host. */
    private static final long REST_PER_PAUSE = 1_000;
    /** A pause holds up every stream that is relayed: 60 ms once in ten minutes move no p99 of theirs, once in one minute they do. */
    private static final long REST_PER_PAUSE_OF_STREAMS = 10_000;

    /** Until one was seen. */
    private static final Duration LIKELY_PAUSE = Duration.ofMillis(60);

    private static final long LEAST_GROWTH_BYTES = 6 << 20;
    private static final int GROWTH_DIVISOR = 4;

    private final LongSupplier committedBytes;
    private final Runnable collection;
    private final BooleanSupplier isRelaying;
    private final LongSupplier nanos;
    private long baseBytes;
    private long endedNanos;
    private long pauseNanos = LIKELY_PAUSE.toNanos();

    /**
     * @param committedBytes what the heap holds of the host's memory now
     * @param collection a full collection, after which the heap holds what is in use and little more
     * @param isRelaying whether streams go through this process now
     * @param nanos the monotonic clock
     */
    HeapTrim(LongSupplier committedBytes, Runnable collection, BooleanSupplier isRelaying, LongSupplier nanos) {
        this.committedBytes = committedBytes;
        this.collection = collection;
        this.isRelaying = isRelaying;
        this.nanos = nanos;
        this.baseBytes = committedBytes.getAsLong();
        this.endedNanos = nanos.getAsLong();
    }

    Duration step() {
        long began = nanos.getAsLong();
        long now = committedBytes.getAsLong();
        // The collector shrinks it too, on its own.
        baseBytes = Math.min(baseBytes, now);
        boolean isGrown = now - baseBytes >= Math.max(LEAST_GROWTH_BYTES, baseBytes / GROWTH_DIVISOR);
        if (isGrown && began - endedNanos >= restNanos()) {
            collection.run();
            baseBytes = committedBytes.getAsLong();
            endedNanos = nanos.getAsLong();
            pauseNanos = endedNanos - began;
        }
        return EVERY;
    }

    private long restNanos() {
        long perPause = isRelaying.getAsBoolean() ? REST_PER_PAUSE_OF_STREAMS : REST_PER_PAUSE;
        return Math.max(LEAST_BETWEEN.toNanos(), pauseNanos * perPause);
    }
}
