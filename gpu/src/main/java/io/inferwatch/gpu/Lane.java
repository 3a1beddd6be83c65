package io.inferwatch.gpu;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where one task at a time is run, and may never return. */
interface Lane {

    /** Hands over a task; only after the one before has said that it is done. */
    void run(Runnable task);

    /** No further task is taken. Does not wait for the one under way. */
    void end();

    /** Whether nothing is under way any more; waits at most so long for it. */
    boolean awaitEnd(Duration atMost);

    /**
     * A lane with a platform daemon thread of its own: a native call that hangs cannot be interrupted, would hold the
     * carrier of a virtual thread, and must not keep the process alive.
     */
    final class OfThread implements Lane {
        private static final Logger log = LoggerFactory.getLogger(Lane.class);
        private final BlockingQueue<Runnable> next = new ArrayBlockingQueue<>(2);
        private final Thread thread;
        private volatile boolean ended;

        OfThread(String name) {
            thread = Thread.ofPlatform().name(name).daemon().start(this::work);
        }

        @Override
        public void run(Runnable task) {
            if (!next.offer(task)) {
                throw new IllegalStateException(
                        thread.getName() + " was given a task before it was done with the last");
            }
        }

        @Override
        public void end() {
            ended = true;
            next.clear();
            thread.interrupt();
        }

        @Override
        public boolean awaitEnd(Duration atMost) {
            try {
                return thread.join(atMost);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                return false;
            }
        }

        private void work() {
            while (!ended) {
                try {
                    next.take().run();
                } catch (InterruptedException interrupted) {
                    // Only end() interrupts, and the loop asks for it.
                } catch (RuntimeException | Error bug) {
                    log.error("{} goes on after an error of its own", thread.getName(), bug);
                }
            }
        }
    }
}
