package io.inferwatch.system.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Waits for something seen from outside, never for a length of time alone. A limit is what a quiet machine may take; {@link
 * #SLACK} comes on top for a starved one, since waiting longer costs nothing where the condition comes true.
 */
public final class Await {
    /** What a machine that stands still now and then is given beyond any limit. */
    private static final Duration SLACK = Duration.ofSeconds(60);

    private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

    private Await() {}

    /** @throws AssertionError naming {@code what} when the condition does not come true within the limit and its slack */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        until(() -> what, limit, condition);
    }

    /** @param what is asked for once the condition has not come true, so that it may tell how things stand by then */
    public static void until(Supplier<String> what, Duration limit, BooleanSupplier condition) {
        if (!within(limit.plus(SLACK), condition)) {
            throw new AssertionError("not within " + limit.plus(SLACK) + ": " + what.get());
        }
    }

    /** Reads until what was read will do; the last reading stands in the error. */
    public static <T> T value(String what, Duration limit, Supplier<T> reading, Predicate<T> isEnough) {
        long end = System.nanoTime() + limit.plus(SLACK).toNanos();
        while (true) {
            T value = reading.get();
            if (isEnough.test(value)) {
                return value;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + limit.plus(SLACK) + ": " + what + "; last seen: " + value);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Whether the condition came true within the limit, without slack: for what must not come true. */
    public static boolean within(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
        return true;
    }

    /** Asserts that nothing changes for a while: the condition holds at every look within the time. */
    public static void stays(String what, Duration time, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (System.nanoTime() - began < time.toNanos()) {
            if (!condition.getAsBoolean()) {
                throw new AssertionError("did not stay so for " + time + ": " + what);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }
}
