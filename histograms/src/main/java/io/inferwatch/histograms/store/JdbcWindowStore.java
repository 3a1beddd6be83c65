package io.inferwatch.histograms.store;

import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Windows in a relational database. They land as they close in {@code window_recent}; every ten minutes those that are
 * below the checkpoint are packed into blocks of an hour and rolled up. What comes late for a packed window lands in
 * {@code window_recent} again, is laid over the block by every read, and is packed with the next lot.
 */
public final class JdbcWindowStore implements WindowStore {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcWindowStore.class);

    /** Windows close some seconds after their end, and senders batch: what comes within this is packed once. */
    private static final long MARGIN_MILLIS = 120_000;

    private static final long REUSE_EVERY_MILLIS = 60_000;

    /**
     * What the store says of itself.
     *
     * @param unpackedRows rows of {@code window_recent}
     * @param liveBytes of all blocks
     * @param damagedRows found since the start
     * @param shortenedHours hours of windows dropped before their time because {@code store.max_bytes} was reached
     * @param expiredWindows windows that came when they were already past the longest retention, and were not kept
     */
    public record Stats(
            int series, int unpackedRows, long liveBytes, long damagedRows, long shortenedHours, long expiredWindows) {}

    private final AtomicLong expiredWindows = new AtomicLong();
    private final Database database;
    private final Repositories rows;
    private final SeriesDictionary dictionary;
    private final RecentIndex index = new RecentIndex();
    private final Corruption corruption;
    private final RowsById recentRows;
    private final Set<RecentIndex.Group> unpackable = new HashSet<>();
    private final Retention retention;
    private volatile Progress progress;
    private long lastReuseMillis;
    private Optional<RecentIndex.Group> lastPacked = Optional.empty();

    /** Loads the series and what is not packed yet. */
    public JdbcWindowStore(Database database, StoreConfig config) {
        this.database = database;
        this.rows = database.repositories();
        this.corruption = database.corruption();
        this.recentRows = new RowsById("window_recent", corruption);
        this.progress = database.write("begin windows", connection -> begin());
        this.dictionary = new SeriesDictionary(
                database.read("series", connection -> rows.series().findAll()));
        this.retention = new Retention(database, config, dictionary, corruption);
    }

    private Progress begin() {
        Optional<ProgressRow> stored = rows.progress().findById(ProgressRow.ID);
        if (stored.isPresent()) {
            return Progress.of(stored.get(), rows.resolutions().findAll());
        }
        Progress empty = Progress.of(ProgressRow.EMPTY, List.of());
        rows.progress().save(empty.row());
        for (Resolution resolution : Resolution.values()) {
            rows.resolutions().save(empty.row(resolution));
        }
        return empty;
    }

    @Override
    public Recovery recover() {
        Map<SeriesWindow, Long> ahead = new HashMap<>();
        Progress now = progress;
        database.read("recover", connection -> {
            List<Long> ids = new ArrayList<>();
            for (RecentRows.Applied row : rows.recent().applied()) {
                index.put(row.id(), row.appliedThrough());
                ids.add(row.id());
            }
            recentRows.read(ids, rows.recent()::findByIdIn, row -> recover(row, now, ahead));
            return ids.size();
        });
        return new Recovery(now.checkpoint(), now.appliedThrough(), ahead);
    }

    private void recover(RecentRow row, Progress now, Map<SeriesWindow, Long> ahead) {
        long start = RowIds.recentStartMillis(row.id());
        try {
            RecentWindows.decode(row)
                    .forEach((seriesId, window) -> dictionary.find(seriesId).ifPresent(series -> {
                        dictionary.seen(series, start);
                        if (window.appliedThrough() >= now.checkpoint()) {
                            ahead.put(new SeriesWindow(series.key, start), window.appliedThrough());
                        }
                    }));
        } catch (CorruptRowException damaged) {
            corruption.found("window_recent", row.id(), damaged);
        }
    }

    @Override
    public void write(WindowBatch batch) {
        for (ClosedWindow window : batch.windows()) {
            if (window.startEpochMillis() < 0 || window.startEpochMillis() % Resolution.TEN_SECONDS.millis() != 0) {
                throw new IllegalArgumentException("window start " + window.startEpochMillis() + " is not aligned");
            }
        }
        BatchWrite write = new BatchWrite(rows, dictionary, index, corruption, progress, batch);
        try {
            database.write("write windows", connection -> {
                write.run();
                return batch;
            });
        } catch (StoreException refused) {
            if (H2File.isDamage(refused)) {
                database.unwritable();
            }
            throw refused;
        }
        progress = write.committed();
        countExpired(write.expired());
    }

    private void countExpired(int windows) {
        if (windows > 0 && expiredWindows.getAndAdd(windows) == 0) {
            LOG.warn(
                    "database: {} windows are older than store.retention keeps anything ({}) and are left out; further"
                            + " ones are only counted",
                    windows,
                    Instant.ofEpochMilli(progress.keptFrom(Resolution.HOUR)));
        }
    }

    @Override
    public long durableCheckpoint() {
        long stored = database.read(
                "checkpoint",
                connection -> rows.progress()
                        .findById(ProgressRow.ID)
                        .map(ProgressRow::checkpoint)
                        .orElse(0L));
        database.sync();
        return stored;
    }

    @Override
    public boolean maintain(long nowEpochMillis) {
        Progress now = progress;
        // A clock that runs ahead must not drop what is kept: nothing is older than it is against the newest window.
        long reference = Math.min(nowEpochMillis, dictionary.newestMillis() + Resolution.TEN_SECONDS.millis());
        long cutoff = Resolution.TEN_MINUTES.startOf(reference - MARGIN_MILLIS);
        Optional<RecentIndex.Group> group = Packing.nextGroup(index, lastPacked, cutoff, now.checkpoint());
        if (group.isPresent()) {
            lastPacked = group;
            if (!unpackable.contains(group.get())) {
                packUnlessDamaged(group.get(), cutoff);
            }
            return true;
        }
        boolean isFirstPass = lastPacked.isEmpty();
        lastPacked = Optional.empty();
        if (!isFirstPass) {
            return true;
        }
        if (now.rolledUpTo() < cutoff) {
            progress = retention.save(now.withRolledUpTo(cutoff));
        }
        Optional<Progress> less = retention.slice(progress, reference);
        less.ifPresent(dropped -> progress = dropped);
        if (less.isEmpty() && nowEpochMillis - lastReuseMillis >= REUSE_EVERY_MILLIS) {
            lastReuseMillis = nowEpochMillis;
            database.reuseSpace();
        }
        return less.isPresent();
    }

    /** What lies beside a damaged page stays where it is, and holds up no other. */
    private void packUnlessDamaged(RecentIndex.Group group, long cutoff) {
        try {
            pack(group, cutoff);
        } catch (StoreException refused) {
            if (!H2File.isDamage(refused)) {
                throw refused;
            }
            unpackable.add(group);
            corruption.found("window_block", RowIds.block(Resolution.TEN_SECONDS, group.hourMillis(), 0), refused);
        }
    }

    private void pack(RecentIndex.Group group, long cutoff) {
        Progress now = progress;
        List<Long> ids = index.packable(group, cutoff, now.checkpoint());
        Packing packing = new Packing(rows, dictionary, corruption, now, cutoff, ids);
        database.write("pack windows", connection -> {
            packing.run();
            return ids;
        });
        progress = packing.committed(index);
    }

    @Override
    public List<StoredSeries> series(String metric) {
        return dictionary.ofMetric(metric);
    }

    @Override
    public void read(
            Collection<SeriesKey> series,
            Resolution resolution,
            long fromEpochMillis,
            long toEpochMillis,
            Visitor visitor) {
        WindowReader reader = new WindowReader(
                rows, dictionary, index, corruption, progress, series, resolution, fromEpochMillis, toEpochMillis);
        database.read("read windows", connection -> {
            reader.run(visitor);
            return resolution;
        });
    }

    @Override
    public long rolledUpTo(Resolution resolution) {
        return resolution == Resolution.TEN_SECONDS ? Long.MAX_VALUE : resolution.startOf(progress.rolledUpTo());
    }

    @Override
    public long keptFrom(Resolution resolution) {
        return progress.keptFrom(resolution);
    }

    /** Any thread. */
    public Stats stats() {
        return new Stats(
                dictionary.all().size(),
                index.size(),
                progress.allLiveBytes(),
                corruption.rows(),
                retention.shortenedHours(),
                expiredWindows.get());
    }

    /** Tells the {@link Database}, which its opener closes after this, how much of it is worth keeping. */
    @Override
    public void close() {
        database.liveBytes(progress.allLiveBytes());
    }
}
