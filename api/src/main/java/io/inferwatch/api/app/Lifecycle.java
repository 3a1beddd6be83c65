package io.inferwatch.api.app;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stop steps of what has been started, newest first. Each start step pushes its own stop step, so that a failed
 * start and an orderly stop take the same way down. Any thread; steps run once.
 */
public final class Lifecycle implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifecycle.class);

    /** Stops one thing; an exception is logged and the next step runs all the same. */
    @FunctionalInterface
    public interface StopStep {
        void stop() throws Exception;
    }

    private record Step(String name, StopStep action) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    /** @param name what is stopped, for the log */
    public synchronized void onStop(String name, StopStep action) {
        steps.push(new Step(name, action));
    }

    @Override
    public synchronized void close() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action().stop();
            } catch (Exception e) {
                LOG.error("stopping {} failed: {}", step.name(), e.toString(), e);
            }
        }
    }
}
