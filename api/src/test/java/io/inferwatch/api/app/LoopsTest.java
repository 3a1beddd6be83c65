package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopsTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final Semaphore steps = new Semaphore(0);

    private boolean awaitStep() throws InterruptedException {
        return steps.tryAcquire(30, TimeUnit.SECONDS);
    }

    @Test
    void wakingEndsTheRest() throws InterruptedException {
        Loops loop = Loops.start("t", () -> {
            steps.release();
            return LONG;
        });
        assertThat(awaitStep()).isTrue();
        loop.wake();
        assertThat(awaitStep()).isTrue();
        loop.stop(LONG);
    }

    @Test
    void wakingDuringAStepLeavesOutTheRest() throws InterruptedException {
        CountDownLatch woken = new CountDownLatch(1);
        Loops loop = Loops.start("t", () -> {
            steps.release();
            woken.await();
            return LONG;
        });
        assertThat(awaitStep()).isTrue();
        loop.wake();
        woken.countDown();
        assertThat(awaitStep()).isTrue();
        loop.stop(LONG);
    }

    @Test
    void stoppingEndsTheRest() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Loops loop = Loops.start("t", () -> {
            steps.release();
            return LONG;
        });
        assertThat(awaitStep()).isTrue();
        Thread stopper = Thread.ofPlatform().start(() -> {
            try {
                loop.stop(LONG);
                ended.countDown();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        assertThat(ended.await(30, TimeUnit.SECONDS)).isTrue();
        stopper.join();
    }
}
