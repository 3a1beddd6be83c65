package io.inferwatch.system.support;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for something seen from outside, never for a length of time alone. */
public final class Await {
    private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

    private Await() {}

    /** @throws AssertionError naming {@code what} when the condition does not come true within the limit */
    public static void until(String what, Duration limit, BooleanSupplier condition) {
        if (!within(limit, condition)) {
            throw new AssertionError("not within " + limit + ": " + what);
        }
    }

    /** Reads until what was read will do; the last reading stands in the error. */
    public static <T> T value(String what, Duration limit, Supplier<T> reading, Predicate<T> isEnough) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            T value = reading.get();
            if (isEnough.test(value)) {
                return value;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within " + limit + ": " + what + "; last seen: " + value);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Whether the condition came true within the limit. */
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
