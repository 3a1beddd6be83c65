package io.inferwatch.gpu;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/**
 * Reading faster for a while because an alert asks for it: five times a second for ten seconds, and not again before 190 s
 * have passed, so that at most a twentieth of the time is spent so. Any thread.
 */
final class Bursts {
    static final Duration INTERVAL = Duration.ofMillis(200);
    static final Duration LENGTH = Duration.ofSeconds(10);

    /** From the begin of one burst to the next. */
    static final Duration EVERY = LENGTH.multipliedBy(20);

    private final Duration usual;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Consumer<Duration> pace;
    private final FlightRecorder recorder;
    private boolean hasBegun;
    private boolean isRunning;
    private long begunNanos;

    /**
     * @param usual the interval between bursts
     * @param pace takes the interval to poll at from now on
     */
    Bursts(Duration usual, InstantSource clock, LongSupplier nanos, Consumer<Duration> pace, FlightRecorder recorder) {
        this.usual = usual;
        this.clock = clock;
        this.nanos = nanos;
        this.pace = pace;
        this.recorder = recorder;
    }

    /** @see GpuProbe#burst */
    synchronized void ask(String id, Predicate<GpuIdentity> which) {
        Instant at = clock.instant();
        long now = nanos.getAsLong();
        if (isRunning && now - begunNanos < LENGTH.toNanos()) {
            Duration left = LENGTH.minusNanos(now - begunNanos);
            recorder.begin(id, at, at.plus(left), "", which);
        } else if (hasBegun && now - begunNanos < EVERY.toNanos()) {
            Duration rest = EVERY.minusNanos(now - begunNanos);
            String why = "the last burst began " + (now - begunNanos) / 1_000_000_000L
                    + " s ago; the next may begin in " + rest.toSeconds() + " s";
            recorder.begin(id, at, at, why, which);
        } else {
            hasBegun = true;
            isRunning = true;
            begunNanos = now;
            recorder.begin(id, at, at.plus(LENGTH), "", which);
            pace.accept(usual.compareTo(INTERVAL) < 0 ? usual : INTERVAL);
        }
    }

    /** At each beat: goes back to the usual interval when the time is over. */
    synchronized void step() {
        if (isRunning && nanos.getAsLong() - begunNanos >= LENGTH.toNanos()) {
            isRunning = false;
            pace.accept(usual);
        }
    }

    Set<String> ids() {
        return recorder.ids();
    }

    Optional<FlightRecord> record(String id) {
        return recorder.of(id);
    }
}
