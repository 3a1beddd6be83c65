package io.inferwatch.notifier;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code notify}: takes one step of the pipeline after another and rests until something is due. */
final class PipelineThread {
    private static final Logger log = LoggerFactory.getLogger(PipelineThread.class);

    private final BooleanSupplier step;
    private final BooleanSupplier isQuiet;
    private final LongSupplier nanosUntilDue;
    private final Semaphore wake = new Semaphore(0);
    private volatile boolean stopping;
    private @Nullable Thread thread;

    /**
     * @param step says whether anything was done
     * @param isQuiet whether a stop leaves nothing unfinished
     */
    PipelineThread(BooleanSupplier step, BooleanSupplier isQuiet, LongSupplier nanosUntilDue) {
        this.step = step;
        this.isQuiet = isQuiet;
        this.nanosUntilDue = nanosUntilDue;
    }

    /** There is something to do. Any thread. */
    void wake() {
        wake.release();
    }

    synchronized void start() {
        thread = Thread.ofVirtual().name("notify").start(this::run);
    }

    private void run() {
        try {
            while (!stopping || !isQuiet.getAsBoolean()) {
                boolean worked;
                try {
                    worked = step.getAsBoolean();
                } catch (RuntimeException e) {
                    log.error("A step of the notification pipeline failed", e);
                    worked = false;
                }
                if (!worked) {
                    await();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await() throws InterruptedException {
        long pause =
                Math.clamp(nanosUntilDue.getAsLong(), TimeUnit.MILLISECONDS.toNanos(1), TimeUnit.SECONDS.toNanos(1));
        if (wake.tryAcquire(pause, TimeUnit.NANOSECONDS)) {
            wake.drainPermits();
        }
    }

    /** @return whether it ran; it is given this long to become quiet */
    boolean stop(Duration drain) {
        stopping = true;
        wake.release();
        Thread running = started();
        if (running == null) {
            return false;
        }
        try {
            if (!running.join(drain)) {
                running.interrupt();
            }
        } catch (InterruptedException e) {
            running.interrupt();
            Thread.currentThread().interrupt();
        }
        return true;
    }

    private synchronized @Nullable Thread started() {
        return thread;
    }
}
