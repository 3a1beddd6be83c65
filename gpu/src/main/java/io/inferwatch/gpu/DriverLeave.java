package io.inferwatch.gpu;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Whether the driver is to be left alone, until when, and why. Any thread. */
final class DriverLeave {
    /** How long past its end a leave waits for the calls under way. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final AtomicReference<@Nullable Wanted> wanted = new AtomicReference<>();

    /**
     * @param reason with its end, for the operator
     * @param isLeave false: the driver is to be taken up again now
     * @param done completed when nothing of the driver is held any more, or the leave is over
     */
    record Wanted(Instant until, String reason, boolean isLeave, CompletableFuture<Void> done) {}

    /**
     * Replaces the leave there is.
     *
     * @param time 0: it is over
     */
    Wanted ask(Instant now, Duration time, String why) {
        Instant until = now.plus(time);
        Wanted asked = new Wanted(until, why + " until " + until, !time.isZero(), new CompletableFuture<>());
        Wanted before = wanted.getAndSet(asked);
        if (before != null) {
            before.done().complete(null);
        }
        return asked;
    }

    /**
     * The leave there is now.
     *
     * @param over called where one has just ended
     */
    Optional<Wanted> inForce(Instant now, Runnable over) {
        Wanted asked = wanted.get();
        if (asked == null || isLeft(asked, now)) {
            return Optional.ofNullable(asked);
        }
        if (wanted.compareAndSet(asked, null)) {
            over.run();
            asked.done().complete(null);
        }
        return Optional.empty();
    }

    /** A leave shorter than the call under way is still a leave; one that a call never lets begin is given up. */
    private static boolean isLeft(Wanted asked, Instant now) {
        boolean waits = !asked.done().isDone() && now.isBefore(asked.until().plus(PATIENCE));
        return now.isBefore(asked.until()) || (asked.isLeave() && waits);
    }
}
