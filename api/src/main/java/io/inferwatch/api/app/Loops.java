package io.inferwatch.api.app;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A daemon thread that takes one step after another and rests in between. A step that throws is logged and repeated. */
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
    private final CountDownLatch stopAsked = new CountDownLatch(1);
    private final Thread thread;

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
            while (stopAsked.getCount() > 0) {
                Duration rest = next();
                if (!rest.isZero() && stopAsked.await(rest.toNanos(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
        stopAsked.countDown();
        if (!thread.join(patience)) {
            thread.interrupt();
        }
    }
}
