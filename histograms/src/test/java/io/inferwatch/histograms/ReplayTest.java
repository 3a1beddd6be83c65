package io.inferwatch.histograms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

class ReplayTest {
    private record Observed(Metric metric, LabelSet labels, long epochMillis, long scaled, long weight) {}

    private record Written(long sequence, long receivedMillis, boolean isBackfill, List<Observed> observed) {}

    private static final List<Metric> KINDS = List.of(Metrics.TTFT, Metrics.REQUESTS, Metrics.POWER, Metrics.SCORE);

    /** Twenty minutes of records; some are late by up to an hour. */
    private static List<Written> journal(Random random) {
        List<Written> journal = new ArrayList<>();
        long sequence = 1 + random.nextLong(5);
        long received = Metrics.T0;
        for (int i = 0; i < 1_500; i++) {
            sequence += random.nextInt(20) == 0 ? 7 : 1;
            received += random.nextInt(40) == 0 ? random.nextLong(30_000) : random.nextLong(1_200);
            boolean isBackfill = random.nextInt(10) == 0;
            List<Observed> observed = new ArrayList<>();
            for (int n = random.nextInt(4); n > 0; n--) {
                Metric metric = KINDS.get(random.nextInt(KINDS.size()));
                long latest = isBackfill ? 2 * 86_400_000L : 3_600_000;
                long late = random.nextInt(6) == 0 ? random.nextLong(latest) : random.nextLong(900);
                observed.add(new Observed(
                        metric,
                        Metrics.success("m" + random.nextInt(3)),
                        received - late,
                        random.nextLong(5_000_000),
                        1 + random.nextLong(3)));
            }
            journal.add(new Written(sequence, received, isBackfill, observed));
        }
        return journal;
    }

    private static Map<String, WindowData> expected(List<Written> journal, int records) {
        Map<String, Tally> tallies = new TreeMap<>();
        for (Written record : journal.subList(0, records)) {
            for (Observed each : record.observed) {
                tallies.computeIfAbsent(
                                name(
                                        new SeriesKey(each.metric.name(), seriesLabels(record, each)),
                                        Resolution.TEN_SECONDS.startOf(each.epochMillis)),
                                key -> new Tally())
                        .record(each.scaled, each.weight, each.epochMillis, null);
            }
        }
        Map<String, WindowData> expected = new TreeMap<>();
        tallies.forEach((key, tally) -> expected.put(key, tally.toWindowData()));
        return expected;
    }

    private static LabelSet seriesLabels(Written record, Observed observed) {
        return record.isBackfill ? observed.labels.plus(LabelSet.of(History.LABEL, "true")) : observed.labels;
    }

    private static String name(SeriesKey key, long start) {
        return key + " " + start;
    }

    /** Rows and memory together. */
    private static Map<String, WindowData> seen(TelemetryStore store, MapWindowStore rows) {
        Map<String, List<WindowData>> parts = new TreeMap<>();
        rows.rows()
                .forEach((key, windows) -> windows.forEach(
                        (start, row) -> parts.computeIfAbsent(name(key, start), made -> new ArrayList<>())
                                .add(row.data())));
        for (Metric metric : KINDS) {
            for (Unwritten window : store.unwritten(metric.name(), labels -> true, Long.MIN_VALUE, Long.MAX_VALUE)) {
                parts.computeIfAbsent(name(window.key(), window.startMillis()), made -> new ArrayList<>())
                        .add(window.data());
            }
        }
        Map<String, WindowData> merged = new TreeMap<>();
        parts.forEach((key, windows) -> merged.put(key, WindowData.merge(windows)));
        return merged;
    }

    private static void apply(TelemetryStore store, Written record) {
        store.beginRecord(record.sequence, record.receivedMillis, record.isBackfill);
        for (Observed each : record.observed) {
            store.observe(each.metric, each.labels, each.epochMillis, each.scaled, each.weight, null);
        }
        store.endRecord();
    }

    @RepeatedTest(60)
    void everyRecordCountsOnce_whenTheProcessDiesAnywhereUnderAnyFlushSchedule() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<Written> journal = journal(random);
        MapWindowStore rows = new MapWindowStore();
        int alive = 0;
        for (int life = 0; life < 4; life++) {
            int until = life == 3 ? journal.size() : alive + random.nextInt(journal.size() - alive);
            AtomicLong clock = new AtomicLong(Metrics.T0);
            TelemetryStore store = new TelemetryStore(
                    HistogramsConfig.DEFAULT,
                    rows,
                    () -> Instant.ofEpochMilli(clock.get()),
                    () -> clock.get() * 1_000_000);
            long back = random.nextInt(3) == 0 ? random.nextLong(200) : 0;
            long from = Math.max(0, store.recovery().checkpoint() - back);
            for (int i = 0; i < until; i++) {
                Written record = journal.get(i);
                if (record.sequence >= from) {
                    apply(store, record);
                    clock.set(record.receivedMillis);
                    step(store, rows, clock, random);
                }
            }
            alive = until;
            rows.tearNext = 0;
            if (life < 3 && random.nextBoolean()) {
                continue; // it dies, perhaps not knowing what became of its last batch
            }
            write(store, clock);
            assertThat(seen(store, rows)).as("seed %d, life %d", seed, life).isEqualTo(expected(journal, until));
            if (random.nextInt(3) == 0) {
                store.flush();
                assertThat(seen(store, rows)).as("seed %d", seed).isEqualTo(expected(journal, until));
            }
        }
    }

    private static void step(TelemetryStore store, MapWindowStore rows, AtomicLong clock, Random random) {
        switch (random.nextInt(60)) {
            case 0 -> {
                clock.addAndGet(random.nextLong(20_000));
                store.closeByClock();
            }
            case 1, 2, 3 -> write(store, clock);
            case 4 -> {
                rows.dieAfterCommit = 1;
                write(store, clock);
                rows.dieAfterCommit = 0;
            }
            case 5 -> {
                rows.failNext = 1;
                write(store, clock);
                rows.failNext = 0;
            }
            case 6 -> rows.tearNext = 1;
            default -> {}
        }
    }

    private static void write(TelemetryStore store, AtomicLong clock) {
        clock.addAndGet(5_000);
        try {
            store.writeRows();
        } catch (IllegalStateException expected) {
            assertThat(expected).hasMessageMatching("database is down|connection lost after commit|torn");
        }
    }

    @Test
    void checkpointCoversWhatIsWrittenAndNoMore_whenWindowsAreOpen() {
        Feed feed = new Feed();
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0, 400_000);
        feed.observe(Metrics.POWER, Metrics.gpu(1), Metrics.T0 + 500, 300_000);
        feed.at(11_000);
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + 11_000, 410_000);
        feed.at(12_500);

        feed.write();

        assertThat(feed.rows.durableCheckpoint()).isEqualTo(3);
        feed.at(40_000);
        feed.write();
        assertThat(feed.rows.durableCheckpoint()).isEqualTo(4);
    }

    @Test
    void checkpointMovesOn_whenRecordsBringNoSamples() {
        Feed feed = new Feed();
        for (int i = 1; i <= 50; i++) {
            feed.store.beginRecord(i, Metrics.T0 + i, false);
            feed.store.endRecord();
        }
        feed.at(20_000);
        feed.write();

        assertThat(feed.rows.durableCheckpoint()).isEqualTo(51);
    }

    @Test
    void batchIsTriedAgainUnchanged_whenTheDatabaseRefusesIt() {
        Feed feed = new Feed();
        feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0, 400_000);
        feed.at(20_000);
        feed.at(26_000);
        feed.rows.failNext = 1;

        assertThatThrownBy(feed.store::writeRows).hasMessage("database is down");
        assertThat(feed.store.stats().failedWrites()).isEqualTo(1);
        assertThat(feed.store.stats().waitingWindows()).isEqualTo(1);
        assertThat(feed.store.writeRows()).isTrue();

        assertThat(feed.store.stats().waitingWindows()).isZero();
        assertThat(feed.rows.rows()).hasSize(1);
    }

    @Test
    void windowIsWholeAndOnTime_whenTheSidecarHasRunForAWhile() {
        Feed feed = new Feed();
        for (int second = 0; second < 180; second++) {
            feed.at(second * 1_000L);
            feed.observe(Metrics.POWER, Metrics.gpu(0), Metrics.T0 + second * 1_000L, 400_000);
        }
        feed.at(200_000);
        feed.write();

        var rows = feed.rows.rows().values().iterator().next();
        assertThat(rows).hasSize(18);
        assertThat(rows.values())
                .allSatisfy(row -> assertThat(row.data().count()).isEqualTo(10));
        assertThat(rows.lastEntry().getValue().wasAmended()).isFalse();
        assertThat(Duration.ofMillis(rows.lastKey() - rows.firstKey())).isEqualTo(Duration.ofSeconds(170));
    }
}
