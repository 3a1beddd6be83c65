package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.ObservationSink;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ApplyLoopTest {
    private final ScriptedJournal journal = new ScriptedJournal();
    private final Feed feed = new Feed();
    private final ApplyLoop loop = new ApplyLoop(journal.tail(1), journal, feed.store);

    private void journal(int records, long fromMillis, long apartMillis) {
        for (int i = 0; i < records; i++) {
            long at = fromMillis + i * apartMillis;
            journal.add(at, sink -> sample(sink, at));
        }
    }

    private static void sample(ObservationSink sink, long atMillis) {
        sink.observe(Metrics.POWER, Metrics.gpu(0), atMillis, 400_000, 1, null);
    }

    @Test
    void journalIsAppliedStepByStepAndCaughtUpIsSaid_whenRecordsWait() {
        journal(600, Metrics.T0, 10);
        assertThat(loop.lagRecords()).isEqualTo(600);

        assertThat(loop.doWork()).isEqualTo(256);
        assertThat(loop.isCaughtUp()).isFalse();
        assertThat(loop.lagRecords()).isEqualTo(344);
        assertThat(loop.lagMillis()).isEqualTo(3_440);
        assertThat(loop.doWork()).isEqualTo(256);
        assertThat(loop.doWork()).isEqualTo(88);

        assertThat(loop.isCaughtUp()).isTrue();
        assertThat(loop.lagRecords()).isZero();
        assertThat(loop.lagMillis()).isZero();
        assertThat(loop.doWork()).isZero();
        assertThat(feed.store.stats().observations()).isEqualTo(600);
    }

    @Test
    void windowsCloseByTheClock_whenNoRecordComes() {
        journal(1, Metrics.T0, 0);
        loop.doWork();
        assertThat(feed.store.stats().waitingWindows()).isZero();

        feed.nowMillis.addAndGet(20_000);
        loop.doWork();

        assertThat(feed.store.stats().waitingWindows()).isEqualTo(1);
        assertThat(feed.store.stats().openWindows()).isZero();
    }

    @Test
    void clockClosesNothing_whileTheReplayIsUnderWay() {
        journal(600, Metrics.T0, 10);
        feed.nowMillis.addAndGet(86_400_000);

        loop.doWork();

        assertThat(feed.store.stats().openWindows()).isEqualTo(1);
    }

    @Test
    void nothingIsApplied_whileTooMuchWaitsForTheDatabase() {
        AtomicLong clock = new AtomicLong(Metrics.T0);
        HistogramsConfig small = new HistogramsConfig(4L << 20, 2_000, 50_000);
        TelemetryStore store = new TelemetryStore(
                small, feed.rows, () -> Instant.ofEpochMilli(clock.get()), () -> clock.get() * 1_000_000);
        ApplyLoop bounded = new ApplyLoop(journal.tail(1), journal, store);
        for (int i = 0; i < 20_000; i++) {
            long at = Metrics.T0 + i * 20_000L;
            journal.add(at, sink -> sample(sink, at));
        }
        feed.rows.failNext = 1;
        int applied = 0;
        for (int step = bounded.doWork(); step > 0; step = bounded.doWork()) {
            applied += step;
        }
        assertThat(applied).isBetween(1_000, 10_000);
        assertThat(bounded.lagRecords()).isEqualTo(20_000 - applied);
        assertThat(bounded.isCaughtUp()).isFalse();
        assertThat(store.stats().bytes()).isLessThan(small.maxBytes() / 2);

        assertThatThrownBy(store::writeRows).hasMessage("database is down");
        assertThat(bounded.doWork()).isZero();
        int rounds = 0;
        while (!bounded.isCaughtUp()) {
            store.writeRows();
            bounded.doWork();
            assertThat(++rounds).isLessThan(1_000);
        }
        store.flush();

        assertThat(feed.rows.rows().values().iterator().next()).hasSize(20_000);
        assertThat(feed.rows.durableCheckpoint()).isEqualTo(20_001);
    }

    @Test
    void storeIsLetGo_whenARecordCannotBeRead() throws InterruptedException {
        journal.add(Metrics.T0, sink -> {
            throw new IllegalStateException("unreadable");
        });

        assertThatThrownBy(loop::doWork).hasMessage("unreadable");

        Thread other = Thread.ofPlatform().start(() -> feed.store.stats());
        other.join(60_000);
        assertThat(other.isAlive()).isFalse();
    }

    @Test
    void replayBeginsAtTheCheckpointOrTwoMinutesBack_whicheverIsEarlier() {
        journal(300, Metrics.T0, 1_000);
        long twoMinutesBack = 300 - 120;

        assertThat(ApplyLoop.replayStart(recovery(250), journal)).isEqualTo(twoMinutesBack);
        assertThat(ApplyLoop.replayStart(recovery(20), journal)).isEqualTo(20);
    }

    private static WindowStore.Recovery recovery(long checkpoint) {
        return new WindowStore.Recovery(checkpoint, checkpoint, Map.of());
    }
}
