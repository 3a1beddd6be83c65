package io.inferwatch.collector.journal;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread {@code journal-sync}: a step every so often, and at once when somebody waits for the disk. */
final class SyncThread {
    private static final Logger LOG = LoggerFactory.getLogger(SyncThread.class);

    private final GroupSync sync;
    private final long everyNanos;
    private final BooleanSupplier prepare;
    private final Runnable step;
    private final Thread thread;
    private volatile boolean isStopping;

    /** @param prepare done once before a step; {@code false} asks for another try */
    SyncThread(GroupSync sync, Duration every, BooleanSupplier prepare, Runnable step) {
        this.sync = sync;
        this.everyNanos = every.toNanos();
        this.prepare = prepare;
        this.step = step;
        thread = Thread.ofPlatform().name("journal-sync").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Returns when the step under way has ended. */
    void stop() {
        isStopping = true;
        sync.wake();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        boolean isPrepared = false;
        while (!isStopping) {
            try {
                sync.awaitWork(everyNanos);
                isPrepared = isPrepared || prepare.getAsBoolean();
                step.run();
            } catch (InterruptedException interrupted) {
                return;
            } catch (RuntimeException | Error unexpected) {
                LOG.error("journal-sync goes on after", unexpected);
            }
        }
    }
}
