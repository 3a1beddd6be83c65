package io.inferwatch.histograms.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowData;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More windows than {@code store.max_bytes} has room for, at its least. */
@SuppressWarnings("NullAway.Init")
class ShortenedRetentionTest {
    private static final long T0 = WindowStoreContract.T0;
    private static final long HOUR = Resolution.HOUR.millis();
    private static final long MAX_BYTES = 64L << 20;
    private static final int HOURS = 9;
    private static final int SERIES = 34;
    private static final int SAMPLES = 10_000;
    private static final int MINUTES_WITH_WINDOWS = 6;
    private static final int WINDOWS_AN_HOUR = MINUTES_WITH_WINDOWS * 6;

    @TempDir
    Path folder;

    private final StoreConfig config = new StoreConfig("", "", "", MAX_BYTES, StoreConfig.DEFAULT.retention());
    private Database database;
    private JdbcWindowStore store;

    @BeforeEach
    void open() {
        database = Database.open(config, "", folder, InstantSource.fixed(Instant.ofEpochMilli(T0)))
                .database();
        store = new JdbcWindowStore(database, config);
        store.recover();
    }

    @AfterEach
    void close() {
        database.close();
    }

    @Test
    void oldestFineWindowsGoFirstAndCounted_whenTheyOutgrowTheirSpace() {
        fill();
        long now = T0 + HOURS * HOUR + 600_000;
        while (store.maintain(now)) {
            assertThat(store.keptFrom(Resolution.TEN_SECONDS)).isLessThan(now);
        }
        long keptFrom = store.keptFrom(Resolution.TEN_SECONDS);
        int shortened = (int) ((keptFrom - T0) / HOUR);
        assertThat(shortened)
                .as("hours given up, of %s bytes", store.stats().liveBytes())
                .isBetween(1, HOURS - 3);
        assertThat(store.stats().shortenedHours()).isEqualTo(shortened);
        assertThat(database.shortenedHours()).isEqualTo(shortened);
        assertThat(store.stats().liveBytes() * 1.5)
                .as("bytes in the file, about")
                .isLessThanOrEqualTo(MAX_BYTES);
        assertHeld(keptFrom);
        close();
        open();
        assertHeld(keptFrom);
    }

    private void fill() {
        List<WindowData> pool = pool();
        for (int hour = 0; hour < HOURS; hour++) {
            List<ClosedWindow> closed = new ArrayList<>();
            for (int window = 0; window < WINDOWS_AN_HOUR; window++) {
                long start = T0 + hour * HOUR + (window / 6) * 60_000L + (window % 6) * 10_000L;
                for (int series = 0; series < SERIES; series++) {
                    closed.add(new ClosedWindow(key(series), start, false, hour + 1, pool.get(window)));
                }
            }
            store.write(new WindowBatch(closed, hour + 2));
            for (boolean isMore = true; isMore; ) {
                isMore = store.maintain(T0 + (hour + 1) * HOUR);
            }
        }
    }

    /** As many as a block holds: equal ones lie too far apart to be packed into one. */
    private static List<WindowData> pool() {
        Random random = new Random(11);
        List<WindowData> pool = new ArrayList<>();
        for (int i = 0; i < WINDOWS_AN_HOUR; i++) {
            pool.add(WindowData.ofSamples(
                    T0,
                    random.longs(SAMPLES, 0, 14_000)
                            .map(step -> (long) Math.exp(step / 1_000.0 + 7))
                            .toArray()));
        }
        return pool;
    }

    private static SeriesKey key(int series) {
        return new SeriesKey("llm.ttft", LabelSet.of("model", "m" + series));
    }

    /** Nothing coarser is the shorter for it, and no sample is missing there. */
    private void assertHeld(long keptFrom) {
        assertThat(store.keptFrom(Resolution.TEN_SECONDS)).isEqualTo(keptFrom);
        for (Resolution coarser : List.of(Resolution.MINUTE, Resolution.TEN_MINUTES, Resolution.HOUR)) {
            assertThat(store.keptFrom(coarser)).as("%s kept from", coarser).isLessThan(T0);
            assertThat(samples(coarser, T0, T0 + HOURS * HOUR))
                    .as("samples at %s", coarser)
                    .isEqualTo((long) HOURS * WINDOWS_AN_HOUR * SAMPLES);
        }
        assertThat(samples(Resolution.TEN_SECONDS, T0, keptFrom)).isZero();
        assertThat(samples(Resolution.TEN_SECONDS, keptFrom, T0 + HOURS * HOUR))
                .isEqualTo((T0 + HOURS * HOUR - keptFrom) / HOUR * WINDOWS_AN_HOUR * SAMPLES);
    }

    private long samples(Resolution resolution, long from, long to) {
        AtomicLong count = new AtomicLong();
        store.read(List.of(key(3)), resolution, from, to, (key, start, data) -> count.addAndGet(data.count()));
        return count.get();
    }
}
