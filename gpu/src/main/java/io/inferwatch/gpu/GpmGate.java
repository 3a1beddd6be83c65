package io.inferwatch.gpu;

import io.inferwatch.gpu.NvmlGpm.GpmSample;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time into NVML's GPM functions, which crash when two are in them. A holder that hangs is
 * abandoned: from then on the gate is open to the others, as waiting for it would stop every GPU. Knows every sample the
 * library has made, so that each is given back. Any thread.
 */
final class GpmGate {
    private final Duration patience;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition freed = lock.newCondition();
    private final Set<GpmSample> samples = ConcurrentHashMap.newKeySet();
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

    /** A sample, which the library keeps until it is freed. */
    Reading<GpmSample> allocate(Object owner, Nvml nvml) {
        Reading<GpmSample> made = alone(owner, nvml::gpmAllocate);
        if (made instanceof Reading.Value<GpmSample>(GpmSample sample)) {
            samples.add(sample);
        }
        return made;
    }

    /** Gives a sample back; what cannot be given back now is when all are. */
    void free(Object owner, Nvml nvml, GpmSample sample) {
        if (!samples.contains(sample)) {
            return;
        }
        Reading<Boolean> tried = alone(owner, () -> {
            nvml.gpmFree(sample);
            return new Reading.Value<>(true);
        });
        if (tried instanceof Reading.Value<Boolean>) {
            samples.remove(sample);
        }
    }

    /** Gives every sample back. No call may be under way, and none of them may be used again. */
    void freeAll(Object owner, Nvml nvml) {
        samples.forEach(sample -> free(owner, nvml, sample));
        samples.clear();
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
