package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** Limits of series and of memory, also over the death of the process. */
class SeriesLimitTest {
    private static final HistogramsConfig THREE = new HistogramsConfig(64L << 20, 3, 5);
    private static final QueryRange HOUR =
            QueryRange.whole(Instant.ofEpochMilli(Metrics.T0), Instant.ofEpochMilli(Metrics.T0 + 3_600_000));

    private static LabelSet route(int route) {
        return Metrics.success("m").plus(LabelSet.of("route", "r" + route));
    }

    private static void apply(TelemetryStore store, int record) {
        long at = Metrics.T0 + record * 1_000L;
        store.beginRecord(record, at, false);
        store.observe(Metrics.REQUESTS, route(record % 7), at, 1, 1, null);
        store.endRecord();
    }

    private static double sum(TelemetryStore store) {
        Answer<Bracket> answer = store.queries().aggregate(Metrics.all(Metrics.REQUESTS), Aggregate.Basic.SUM, HOUR);
        return answer.groups().getFirst().points().getFirst().value().estimate();
    }

    @RepeatedTest(20)
    void totalsAreRight_whenTheProcessDiesWhileSeriesOverflow() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        MapWindowStore rows = new MapWindowStore();
        int records = 400;
        int killedAfter = 1 + random.nextInt(records - 1);
        Feed first = new Feed(rows, THREE);
        IntConsumer live = record -> {
            first.nowMillis.set(Metrics.T0 + record * 1_000L);
            apply(first.store, record);
            if (random.nextInt(10) == 0) {
                first.store.writeRows();
            }
        };
        for (int record = 1; record <= killedAfter; record++) {
            live.accept(record);
        }

        Feed second = new Feed(rows, THREE);
        for (long record = Math.max(1, second.store.recovery().checkpoint()); record <= records; record++) {
            apply(second.store, (int) record);
        }

        assertThat(sum(second.store)).as("seed " + seed).isEqualTo(records);
        assertThat(second.store.stats().liveSeries()).as("seed " + seed).isEqualTo(3);
    }

    @Test
    void limitHolds_afterARestart() {
        Feed first = new Feed(new MapWindowStore(), THREE);
        for (int record = 1; record <= 100; record++) {
            apply(first.store, record);
        }
        first.store.flush();

        Feed second = new Feed(first.rows, THREE);
        // Nothing is replayed that tells who held the slots: the rows do.
        apply(second.store, 105); // a series that held one
        apply(second.store, 110); // one that did not
        assertThat(second.store.stats().overflowObservations()).isEqualTo(2 - isHolder(105) - isHolder(110));
        assertThat(second.store.stats().liveSeries()).isEqualTo(3);
    }

    /** The first three label sets to come, those of the records 1, 2 and 3, hold the slots. */
    private static int isHolder(int record) {
        int route = record % 7;
        return route >= 1 && route <= 3 ? 1 : 0;
    }

    @Test
    void panesGoAndAnswersStay_whenRulesReadMoreThanTheBudget() {
        Feed feed = new Feed(new MapWindowStore(), new HistogramsConfig(4L << 20, 2_000, 50_000));
        SignalQuery fine = Metrics.over(Metrics.all(Metrics.POWER), Aggregate.Basic.MAX, Duration.ofSeconds(60));
        feed.store.retain(List.of(fine));
        int series = 200;
        for (int second = 0; second < 150; second++) {
            feed.nowMillis.set(Metrics.T0 + second * 1_000L);
            for (int gpu = 0; gpu < series; gpu++) {
                feed.observe(Metrics.POWER, Metrics.gpu(gpu), feed.nowMillis.get(), 400_000L + second);
            }
            feed.cut();
            feed.store.writeRows();
        }

        MetricView view = feed.cut();

        assertThat(feed.store.stats().droppedPanes()).isPositive();
        assertThat(feed.store.stats().bytes()).isLessThan(4L << 20);
        assertThat(view.evaluate(fine).getFirst().sample())
                .isInstanceOfSatisfying(
                        Sample.Present.class,
                        present -> assertThat(present.count()).isBetween(60L * series, 70L * series));
    }

    @Test
    void openWindowsAreHandedOverEarlyAndStayWhole_whenTheyTakeTooMuch() {
        Feed feed = new Feed(new MapWindowStore(), new HistogramsConfig(4L << 20, 10_000, 50_000));
        int series = 8_000;
        for (int half = 0; half < 2; half++) {
            feed.nowMillis.set(Metrics.T0 + half * 3_000L);
            for (int i = 0; i < series; i++) {
                feed.observe(Metrics.REQUESTS, route(i), feed.nowMillis.get(), 1);
            }
            feed.store.closeByClock();
        }
        assertThat(feed.store.stats().earlyCloses()).isPositive();
        feed.at(30_000);
        feed.write();

        assertThat(feed.rows.rows()).hasSize(series);
        assertThat(feed.rows.rows().values())
                .allSatisfy(windows -> assertThat(
                                windows.firstEntry().getValue().data().count())
                        .isEqualTo(2));
    }

    private static boolean isRefused(TelemetryStore store) {
        try {
            store.writeRows();
            return false;
        } catch (IllegalStateException refused) {
            return String.valueOf(refused.getMessage()).equals("database is down");
        }
    }

    @Test
    void everythingIsKeptAndGoesInLater_whenTheDatabaseRefusesForLong() {
        Feed feed = new Feed();
        feed.rows.failNext = Integer.MAX_VALUE;
        long failed = 0;
        for (int record = 1; record <= 600; record++) {
            feed.nowMillis.set(Metrics.T0 + record * 1_000L);
            apply(feed.store, record);
            if (record % 10 == 0) {
                feed.nowMillis.addAndGet(6_000);
                feed.store.closeByClock();
                failed += isRefused(feed.store) ? 1 : 0;
            }
        }
        assertThat(feed.store.stats().failedWrites()).isEqualTo(failed).isGreaterThan(30);
        assertThat(feed.rows.durableCheckpoint()).isZero();
        assertThat(sum(feed.store)).isEqualTo(600);
        feed.rows.failNext = 0;

        feed.store.flush();

        assertThat(feed.store.stats().waitingWindows()).isZero();
        assertThat(feed.rows.durableCheckpoint()).isEqualTo(601);
        assertThat(sum(feed.store)).isEqualTo(600);
    }
}
