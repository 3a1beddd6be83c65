package io.inferwatch.gpu;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls a task on a thread of its own at each multiple of an interval of the UTC clock, and at once when told to. */
final class Beat {
    private static final Logger log = LoggerFactory.getLogger(Beat.class);
    private volatile long intervalMillis;
    private final InstantSource clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean now = true;
    private boolean ended;
    private long lastMillis;
    private @Nullable Thread thread;

    Beat(Duration interval, InstantSource clock) {
        this.intervalMillis = interval.toMillis();
        this.clock = clock;
    }

    /**
     * How long it is to the next beat.
     *
     * @param lastMillis when the last beat was. A timer may end a little early by the wall clock: the multiple it was
     *     set for is then still to come and must not be beaten twice
     * @return 0 when one is due; never more than an interval, also when the clock was set back
     */
    static long millisToNext(long lastMillis, long nowMillis, long intervalMillis) {
        long next = (Math.floorDiv(lastMillis, intervalMillis) + 1) * intervalMillis;
        return Math.clamp(next - nowMillis, 0, intervalMillis);
    }

    void start(String name, Runnable task) {
        thread = Thread.ofPlatform().name(name).daemon().start(() -> work(name, task));
    }

    /** From now on at multiples of this interval. */
    void every(Duration interval) {
        lock.lock();
        try {
            intervalMillis = interval.toMillis();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Makes the next call due. */
    void hurry() {
        lock.lock();
        try {
            now = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void stop(Duration patience) {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        try {
            if (thread != null) {
                thread.join(patience);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void work(String name, Runnable task) {
        while (awaitNext()) {
            try {
                task.run();
            } catch (RuntimeException | Error bug) {
                log.error("{} goes on after an error of its own", name, bug);
            }
        }
    }

    /** @return whether there is a next one */
    private boolean awaitNext() {
        lock.lock();
        try {
            while (!now && !ended) {
                long millis = millisToNext(lastMillis, clock.millis(), intervalMillis);
                if (millis == 0 || (changed.awaitNanos(TimeUnit.MILLISECONDS.toNanos(millis)) <= 0 && isSetBack())) {
                    break;
                }
            }
            now = false;
            lastMillis = clock.millis();
            return !ended;
        } catch (InterruptedException interrupted) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** A clock set back must not silence the beat until it has caught up. */
    private boolean isSetBack() {
        return clock.millis() < lastMillis;
    }
}
