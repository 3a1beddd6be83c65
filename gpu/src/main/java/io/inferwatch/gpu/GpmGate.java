package io.inferwatch.gpu;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time into NVML's GPM functions, which crash when two are in them. A holder that hangs is
 * abandoned: from then on the gate is open to the others, as waiting for it would stop every GPU. Any thread.
 */
final class GpmGate {
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private @Nullable Object holder;

    /** @param patience how long the gate is waited for, far below the deadline of a round: the waiter has its own */
    GpmGate(Duration patience) {
        this.patience = patience;
    }

    /**
     * Calls, alone. Does not call at all when the gate has not opened within the patience.
     *
     * @param owner who calls; known to whoever may find it hung
     */
    <T> Reading<T> alone(Object owner, Supplier<Reading<T>> call) {
        if (!enter(owner)) {
            return new Reading.Stale<>();
        }
        try {
            return call.get();
        } finally {
            abandon(owner);
        }
    }

    /** Opens the gate again if this owner holds it: it is done, or hangs and is given up. */
    void abandon(Object owner) {
        lock.lock();
        try {
            if (holder == owner) {
                holder = null;
                freed.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean enter(Object owner) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (holder != null) {
                if (left <= 0) {
                    return false;
                }
                left = freed.awaitNanos(left);
            }
            holder = owner;
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            lock.unlock();
        }
    }
}
