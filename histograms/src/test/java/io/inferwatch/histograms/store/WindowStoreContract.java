package io.inferwatch.histograms.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowData;
import io.inferwatch.histograms.WindowStore.Recovery;
import io.inferwatch.histograms.WindowStore.SeriesWindow;
import io.inferwatch.histograms.WindowStore.StoredSeries;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every database must do for windows. Each runs it against a real server or file. */
@SuppressWarnings("NullAway.Init")
abstract class WindowStoreContract {
    static final long T0 = 1_700_002_800_000L;
    static final long TEN_SECONDS = 10_000;
    static final long MINUTE = 60_000;
    static final long HOUR = 3_600_000;
    static final SeriesKey TTFT_A = new SeriesKey("llm.ttft", LabelSet.of("model", "a"));
    static final SeriesKey TTFT_B = new SeriesKey("llm.ttft", LabelSet.of("model", "b", "note", "ü\u0000=,\n"));
    static final SeriesKey POWER = new SeriesKey("gpu.power", LabelSet.of("gpu", "0"));

    Database database;
    JdbcWindowStore store;

    /** The same database at each call within a test. */
    abstract Database open();

    abstract void abandonDatabase();

    StoreConfig config() {
        return StoreConfig.DEFAULT;
    }

    @BeforeEach
    void openStore() {
        database = open();
        store = new JdbcWindowStore(database, config());
        store.recover();
    }

    @AfterEach
    void closeStore() {
        database.close();
        abandonDatabase();
    }

    Recovery reopen() {
        database.close();
        database = open();
        store = new JdbcWindowStore(database, config());
        return store.recover();
    }

    static ClosedWindow whole(SeriesKey series, long start, long appliedThrough, long... samples) {
        return new ClosedWindow(series, start, false, appliedThrough, WindowData.ofSamples(start + 1, samples));
    }

    static ClosedWindow late(SeriesKey series, long start, long appliedThrough, long... samples) {
        return new ClosedWindow(series, start, true, appliedThrough, WindowData.ofSamples(start + 2, samples));
    }

    void write(long checkpoint, ClosedWindow... windows) {
        store.write(new WindowBatch(List.of(windows), checkpoint));
    }

    void maintainAll(long now) {
        for (int i = 0; i < 10_000 && store.maintain(now); i++) {
            assertThat(i).as("slices of maintenance").isLessThan(9_999);
        }
    }

    SortedMap<Long, WindowData> read(SeriesKey series, Resolution resolution, long from, long to) {
        SortedMap<Long, WindowData> windows = new TreeMap<>();
        store.read(List.of(series), resolution, from, to, (key, start, data) -> {
            assertThat(key).isEqualTo(series);
            assertThat(windows.put(start, data)).as("window %s twice", start).isNull();
        });
        return windows;
    }

    SortedMap<Long, WindowData> read(SeriesKey series) {
        return read(series, Resolution.TEN_SECONDS, 0, Long.MAX_VALUE);
    }

    @Test
    void storeIsEmpty_whenNothingWasWritten() {
        assertThat(reopen()).isEqualTo(new Recovery(0, 0, Map.of()));
        assertThat(store.durableCheckpoint()).isZero();
        assertThat(store.series("llm.ttft")).isEmpty();
        assertThat(read(TTFT_A)).isEmpty();
        assertThat(store.maintain(T0)).isFalse();
    }

    @Test
    void windowsReadBackAsWritten_beforeAndAfterARestart() {
        write(4, whole(TTFT_A, T0, 3, 5, 7, 9), whole(TTFT_B, T0, 2, 1), whole(TTFT_A, T0 + TEN_SECONDS, 3, 8));
        for (int i = 0; i < 2; i++) {
            assertThat(read(TTFT_A))
                    .containsExactly(
                            Map.entry(T0, WindowData.ofSamples(T0 + 1, 5, 7, 9)),
                            Map.entry(T0 + TEN_SECONDS, WindowData.ofSamples(T0 + TEN_SECONDS + 1, 8)));
            assertThat(read(TTFT_B)).containsOnlyKeys(T0);
            assertThat(read(TTFT_A, Resolution.TEN_SECONDS, T0 + 1, T0 + TEN_SECONDS))
                    .isEmpty();
            assertThat(store.series("llm.ttft"))
                    .containsExactlyInAnyOrder(
                            new StoredSeries(TTFT_A, T0, T0 + TEN_SECONDS), new StoredSeries(TTFT_B, T0, T0));
            reopen();
        }
    }

    @Test
    void rowStays_whenASmallerOrEqualNumberComes() {
        write(11, whole(TTFT_A, T0, 10, 5, 6));
        write(11, whole(TTFT_A, T0, 9, 1), whole(TTFT_A, T0, 10, 2), late(TTFT_A, T0, 10, 3));
        assertThat(read(TTFT_A)).containsEntry(T0, WindowData.ofSamples(T0 + 1, 5, 6));
        write(12, whole(TTFT_A, T0, 11, 5, 6, 7));
        assertThat(read(TTFT_A)).containsEntry(T0, WindowData.ofSamples(T0 + 1, 5, 6, 7));
    }

    @Test
    void amendmentsMerge_eachOnce() {
        write(11, whole(TTFT_A, T0, 10, 5));
        write(13, late(TTFT_A, T0, 11, 6), late(TTFT_A, T0, 12, 7));
        write(13, late(TTFT_A, T0, 11, 6), late(TTFT_A, T0, 12, 7));
        assertThat(read(TTFT_A).get(T0)).satisfies(data -> {
            assertThat(data.count()).isEqualTo(3);
            assertThat(data.sumScaled()).isEqualTo(18);
        });
        write(20, late(TTFT_B, T0, 19, 4));
        assertThat(read(TTFT_B)).containsEntry(T0, WindowData.ofSamples(T0 + 2, 4));
    }

    @Test
    void recoveryNamesTheRowsAheadOfTheCheckpoint() {
        write(8, whole(TTFT_A, T0, 7, 1), whole(TTFT_B, T0, 9, 2), whole(POWER, T0, 12, 3));
        assertThat(reopen())
                .isEqualTo(new Recovery(
                        8, 12, Map.of(new SeriesWindow(TTFT_B, T0), 9L, new SeriesWindow(POWER, T0), 12L)));
        assertThat(store.durableCheckpoint()).isEqualTo(8);
        write(3);
        assertThat(store.durableCheckpoint()).as("never falls").isEqualTo(8);
    }

    @Test
    void nothingIsWritten_whenTheBatchIsRefused() {
        write(2, whole(TTFT_A, T0, 1, 1));
        assertThatThrownBy(() -> write(9, whole(TTFT_B, T0, 8, 1), whole(TTFT_A, T0 + 1, 8, 1)))
                .hasMessageContaining("not aligned");
        assertThat(reopen()).isEqualTo(new Recovery(2, 1, Map.of()));
        assertThat(store.series("llm.ttft")).hasSize(1);
    }

    @Test
    void rollUpIsTheMergeOfItsParts_atEveryResolution() {
        Random random = new Random(seed());
        Map<SeriesKey, SortedMap<Long, WindowData>> written = writeHours(random, 2);
        maintainAll(T0 + 3 * HOUR);
        assertThat(store.stats().unpackedRows()).as("all packed but the newest").isLessThan(150);
        assertThat(store.rolledUpTo(Resolution.HOUR)).isGreaterThanOrEqualTo(T0 + HOUR);
        assertMatches(written);
        reopen();
        assertMatches(written);
    }

    @Test
    void windowsReadTheSame_whenTheyAreAmendedAfterPacking() {
        Random random = new Random(seed());
        Map<SeriesKey, SortedMap<Long, WindowData>> written = writeHours(random, 2);
        maintainAll(T0 + 3 * HOUR);
        long through = 2_000_000;
        for (int round = 0; round < 3; round++) {
            List<ClosedWindow> batch = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                long start = T0 + TEN_SECONDS * random.nextInt(720);
                SeriesKey series = random.nextBoolean() ? TTFT_A : TTFT_B;
                ClosedWindow amendment = late(series, start, ++through, random.nextInt(1_000_000));
                batch.add(amendment);
                of(written, series).merge(start, amendment.data(), (a, b) -> WindowData.merge(List.of(a, b)));
            }
            store.write(new WindowBatch(batch, through + 1));
            store.write(new WindowBatch(batch, through + 1));
            assertMatches(written);
            maintainAll(T0 + 3 * HOUR);
            assertMatches(written);
            store.write(new WindowBatch(batch, through + 1));
            assertMatches(written);
        }
    }

    @Test
    void nothingAtOrPastTheCheckpointIsPacked() {
        List<ClosedWindow> batch = new ArrayList<>();
        for (int i = 0; i < 360; i++) {
            batch.add(whole(TTFT_A, T0 + i * TEN_SECONDS, i + 1, i + 1));
        }
        store.write(new WindowBatch(batch, 100));
        maintainAll(T0 + 2 * HOUR);
        Recovery recovery = reopen();
        assertThat(recovery.ahead()).hasSize(360 - 99);
        assertThat(read(TTFT_A)).hasSize(360);
        assertThat(of(read(TTFT_A, Resolution.HOUR, T0, T0 + HOUR), T0).count()).isEqualTo(360);
        write(400);
        maintainAll(T0 + 2 * HOUR);
        assertThat(read(TTFT_A)).hasSize(360);
        assertThat(of(read(TTFT_A, Resolution.HOUR, T0, T0 + HOUR), T0).count()).isEqualTo(360);
    }

    @Test
    void eachResolutionIsDropped_whenItsTimeIsOver() {
        write(10, whole(TTFT_A, T0, 1, 1), whole(POWER, T0, 1, 1));
        long checkpoint = 10;
        for (Duration age : List.of(
                Duration.ofHours(47),
                Duration.ofHours(50),
                Duration.ofDays(15),
                Duration.ofDays(91),
                Duration.ofDays(402))) {
            long now = T0 + age.toMillis();
            write(++checkpoint, whole(TTFT_A, Resolution.TEN_SECONDS.startOf(now), checkpoint, 2));
            write(checkpoint + 1);
            maintainAll(now + HOUR);
            for (Resolution resolution : Resolution.values()) {
                boolean isKept = config().kept(resolution).compareTo(age) > 0;
                assertThat(!read(TTFT_A, resolution, T0 - HOUR, T0 + HOUR).isEmpty())
                        .as("%s after %s", resolution, age)
                        .isEqualTo(isKept);
                assertThat(store.keptFrom(resolution) <= T0).isEqualTo(isKept);
            }
        }
        assertThat(store.series("gpu.power"))
                .as("forgotten with its last window")
                .isEmpty();
        write(100, whole(TTFT_B, T0, 99, 1));
        assertThat(read(TTFT_B)).as("older than all that is kept").isEmpty();
    }

    @Test
    void windowsAreCounted_whenTheyComeOlderThanAnythingKept() {
        long now = T0 + Duration.ofDays(401).toMillis();
        write(10, whole(TTFT_A, now, 1, 1));
        maintainAll(now);
        write(20, late(TTFT_A, T0, 11, 1), late(TTFT_B, T0, 12, 1), late(TTFT_A, now, 13, 2));

        assertThat(store.stats().expiredWindows()).isEqualTo(2);
        assertThat(read(TTFT_A)).containsOnlyKeys(now);
        assertThat(store.durableCheckpoint()).isEqualTo(20);
    }

    @Test
    void retentionFollowsTheData_whenTheClockRunsAhead() {
        write(10, whole(TTFT_A, T0, 1, 1));
        maintainAll(T0 + Duration.ofDays(4000).toMillis());
        assertThat(read(TTFT_A)).containsOnlyKeys(T0);
    }

    @Test
    void lateWindowsReachTheCoarserResolutions_whenTheFineOnesAreGone() {
        write(10, whole(TTFT_A, T0, 1, 1));
        long now = T0 + Duration.ofDays(3).toMillis();
        write(12, whole(TTFT_A, now, 11, 2));
        maintainAll(now + HOUR);
        for (int i = 0; i < 2; i++) {
            write(14, late(TTFT_A, T0 + MINUTE, 13, 5));
            maintainAll(now + HOUR);
            assertThat(read(TTFT_A, Resolution.MINUTE, T0, T0 + HOUR)).containsOnlyKeys(T0, T0 + MINUTE);
            assertThat(of(read(TTFT_A, Resolution.HOUR, T0, T0 + HOUR), T0).sumScaled())
                    .isEqualTo(6);
        }
    }

    @Test
    void transactionSeesOneMomentOfAllTables_whenRowsArePackedBetweenItsReads() {
        writeHours(new Random(seed()), 2);
        database.read("two tables", connection -> {
            assertThat(rowsOf(connection, "window_recent")).isPositive();
            CompletableFuture.runAsync(() -> maintainAll(T0 + 3 * HOUR)).join();
            assertThat(rowsOf(connection, "window_block")).isZero();
            return true;
        });
        database.read("afterwards", connection -> {
            assertThat(rowsOf(connection, "window_block")).isPositive();
            return true;
        });
    }

    private static long rowsOf(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    @Test
    void readersSeeEveryWindowOnce_whileRowsArePacked() throws InterruptedException {
        Map<SeriesKey, SortedMap<Long, WindowData>> written = writeHours(new Random(seed()), 2);
        AtomicBoolean isDone = new AtomicBoolean();
        AtomicLong reads = new AtomicLong();
        List<Throwable> failures = new ArrayList<>();
        CountDownLatch started = new CountDownLatch(2);
        List<Thread> readers = new ArrayList<>();
        for (Resolution resolution : List.of(Resolution.TEN_SECONDS, Resolution.HOUR)) {
            readers.add(Thread.ofPlatform().start(() -> {
                try {
                    while (!isDone.get()) {
                        long count = 0;
                        for (WindowData data :
                                read(TTFT_A, resolution, 0, Long.MAX_VALUE).values()) {
                            count += data.count();
                        }
                        assertThat(count).isEqualTo(countOf(of(written, TTFT_A)));
                        reads.incrementAndGet();
                        started.countDown();
                    }
                } catch (RuntimeException | Error failed) {
                    synchronized (failures) {
                        failures.add(failed);
                    }
                    started.countDown();
                }
            }));
        }
        started.await();
        maintainAll(T0 + 3 * HOUR);
        isDone.set(true);
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(failures).isEmpty();
        assertThat(reads).hasPositiveValue();
    }

    static <K, V> V of(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key), () -> "nothing of " + key);
    }

    static long countOf(SortedMap<Long, WindowData> windows) {
        return windows.values().stream().mapToLong(WindowData::count).sum();
    }

    long seed() {
        long seed = new Random().nextLong();
        System.out.println(getClass().getSimpleName() + " seed " + seed);
        return seed;
    }

    /** Two series over some hours, not every window of each. */
    Map<SeriesKey, SortedMap<Long, WindowData>> writeHours(Random random, int hours) {
        Map<SeriesKey, SortedMap<Long, WindowData>> written = new HashMap<>();
        written.put(TTFT_A, new TreeMap<>());
        written.put(TTFT_B, new TreeMap<>());
        long sequence = 0;
        for (int i = 0; i < hours * 360; i++) {
            List<ClosedWindow> batch = new ArrayList<>();
            for (SeriesKey series : written.keySet()) {
                if (random.nextInt(10) > 0) {
                    long[] samples =
                            random.longs(1 + random.nextInt(20), 0, 1_000_000).toArray();
                    ClosedWindow window = whole(series, T0 + i * TEN_SECONDS, ++sequence, samples);
                    batch.add(window);
                    of(written, series).put(window.startEpochMillis(), window.data());
                }
            }
            if (i % 6 == 5) {
                store.write(new WindowBatch(batch, sequence + 1));
            } else {
                store.write(new WindowBatch(batch, Math.max(1, sequence - 5)));
            }
        }
        store.write(new WindowBatch(List.of(), sequence + 1));
        return written;
    }

    void assertMatches(Map<SeriesKey, SortedMap<Long, WindowData>> written) {
        written.forEach((series, windows) -> {
            for (Resolution resolution : Resolution.values()) {
                SortedMap<Long, List<WindowData>> parts = new TreeMap<>();
                windows.forEach(
                        (start, data) -> parts.computeIfAbsent(resolution.startOf(start), first -> new ArrayList<>())
                                .add(data));
                SortedMap<Long, WindowData> expected = new TreeMap<>();
                parts.forEach((start, part) -> expected.put(start, WindowData.merge(part)));
                assertThat(read(series, resolution, 0, Long.MAX_VALUE))
                        .as("%s at %s", series, resolution)
                        .isEqualTo(expected);
            }
        });
    }
}
