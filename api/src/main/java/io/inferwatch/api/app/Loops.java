package io.inferwatch.api.app;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A daemon thread that takes one step after another and rests in between, unless it is woken. A step that throws is
 * logged and repeated.
 */
final class Loops {
    private static final Logger LOG = LoggerFactory.getLogger(Loops.class);
    /** A step that fails again at once would otherwise fill the log. */
    private static final Duration REST_AFTER_FAILURE = Duration.ofSeconds(1);

    /** One step of a duty cycle. */
    @FunctionalInterface
    interface Step {
        /** @return how long to rest; zero goes on at once */
        Duration take() throws Exception;
    }

    private final String name;
    private final Step step;
    private final AtomicBoolean isWoken = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean isStopping;

    private Loops(String name, Step step) {
        this.name = name;
        this.step = step;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    static Loops start(String name, Step step) {
        Loops loop = new Loops(name, step);
        loop.thread.start();
        return loop;
    }

    private void run() {
        try {
            while (!isStopping) {
                // Before the step: what it is woken for while it runs, it may not have seen.
                isWoken.set(false);
                rest(next());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void rest(Duration rest) throws InterruptedException {
        long began = System.nanoTime();
        for (long left = rest.toNanos();
                left > 0 && !isStopping && !isWoken.get();
                left = rest.toNanos() - (System.nanoTime() - began)) {
            LockSupport.parkNanos(this, left);
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    /** Ends the rest, or leaves out the next one: a step begins after this call. Any thread; costs little when repeated. */
    void wake() {
        if (!isWoken.getAndSet(true)) {
            LockSupport.unpark(thread);
        }
    }

    private Duration next() throws InterruptedException {
        try {
            return step.take();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.error("a step of {} failed; it goes on", name, e);
            return REST_AFTER_FAILURE;
        }
    }

    /** Lets the step under way end, for at most this long. */
    void stop(Duration patience) throws InterruptedException {
        isStopping = true;
        LockSupport.unpark(thread);
        if (!thread.join(patience)) {
            thread.interrupt();
        }
    }
}
