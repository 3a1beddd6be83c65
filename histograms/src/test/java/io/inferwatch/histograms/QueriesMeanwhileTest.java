package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class QueriesMeanwhileTest {
    private static final QueryRange ALL =
            QueryRange.whole(Instant.ofEpochMilli(Metrics.T0), Instant.ofEpochMilli(Metrics.T0 + 86_400_000));

    private final Feed feed = new Feed();
    private final AtomicLong begun = new AtomicLong();
    private final AtomicLong ended = new AtomicLong();
    private final AtomicBoolean isDone = new AtomicBoolean();
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    private long counted() {
        return feed.store.queries().aggregate(Metrics.all(Metrics.TTFT), Aggregate.Basic.COUNT, ALL).groups().stream()
                .mapToLong(group -> group.points().getFirst().count())
                .sum();
    }

    /** Each answer holds at least what was applied when it was asked, and at most what was begun when it came. */
    private void ask(CountDownLatch firstAnswers) {
        try {
            long before = 0;
            while (!isDone.get()) {
                long least = ended.get();
                long count = counted();
                assertThat(count).isBetween(Math.max(before, least), begun.get());
                before = count;
                firstAnswers.countDown();
            }
        } catch (RuntimeException | Error failed) {
            failures.add(failed);
            firstAnswers.countDown();
        }
    }

    private void write() {
        try {
            while (!isDone.get()) {
                feed.store.writeRows();
            }
        } catch (RuntimeException | Error failed) {
            failures.add(failed);
        }
    }

    @Test
    void everySampleIsSeenOnce_whileRecordsAreAppliedAndRowsWritten() throws InterruptedException {
        CountDownLatch firstAnswers = new CountDownLatch(20);
        List<Thread> others = new ArrayList<>();
        others.add(Thread.ofPlatform().start(this::write));
        for (int i = 0; i < 3; i++) {
            others.add(Thread.ofPlatform().start(() -> ask(firstAnswers)));
        }
        int records = 0;
        while (records < 20_000 || (firstAnswers.getCount() > 0 && failures.isEmpty() && records < 80_000)) {
            feed.nowMillis.set(Metrics.T0 + records * 500L);
            begun.incrementAndGet();
            feed.observe(Metrics.TTFT, Metrics.success("m" + records % 5), feed.nowMillis.get(), 1_000);
            ended.incrementAndGet();
            records++;
        }
        assertThat(firstAnswers.await(90, TimeUnit.SECONDS)).isTrue();
        isDone.set(true);
        for (Thread other : others) {
            other.join(90_000);
            assertThat(other.isAlive()).isFalse();
        }

        assertThat(failures).isEmpty();
        feed.store.flush();
        assertThat(counted()).isEqualTo(records);
        assertThat(feed.rows.durableCheckpoint()).isEqualTo(records + 1);
    }
}
