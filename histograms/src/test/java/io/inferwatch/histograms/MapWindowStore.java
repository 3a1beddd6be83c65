package io.inferwatch.histograms;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** A window store in memory that keeps what was written over the death of its user. Coarser windows are merged at read. */
final class MapWindowStore implements WindowStore {
    record Row(boolean wasAmended, long appliedThrough, WindowData data) {}

    private final Map<SeriesKey, NavigableMap<Long, Row>> rows = new HashMap<>();
    private final Map<Resolution, Long> rolledUpTo = new ConcurrentHashMap<>();
    private long checkpoint;
    private long highest;
    int writes;
    int failNext;
    int dieAfterCommit;
    /** Rows get in, the checkpoint does not. */
    int tearNext;

    @Override
    public synchronized Recovery recover() {
        Map<SeriesWindow, Long> ahead = new HashMap<>();
        rows.forEach((key, windows) -> windows.forEach((start, row) -> {
            if (row.appliedThrough >= checkpoint) {
                ahead.put(new SeriesWindow(key, start), row.appliedThrough);
            }
        }));
        return new Recovery(checkpoint, highest, ahead);
    }

    @Override
    public synchronized void write(WindowBatch batch) {
        if (failNext > 0) {
            failNext--;
            throw new IllegalStateException("database is down");
        }
        writes++;
        for (ClosedWindow window : batch.windows()) {
            NavigableMap<Long, Row> windows = rows.computeIfAbsent(window.series(), key -> new TreeMap<>());
            Row stored = windows.get(window.startEpochMillis());
            WindowData data = WindowData.decode(window.data().encoded());
            if (stored == null || stored.appliedThrough < window.appliedThrough()) {
                WindowData whole =
                        stored == null || !window.amendment() ? data : WindowData.merge(List.of(stored.data, data));
                windows.put(window.startEpochMillis(), new Row(window.amendment(), window.appliedThrough(), whole));
                highest = Math.max(highest, window.appliedThrough());
            }
        }
        if (tearNext > 0) {
            tearNext--;
            throw new IllegalStateException("torn");
        }
        checkpoint = Math.max(checkpoint, batch.checkpoint());
        if (dieAfterCommit > 0) {
            dieAfterCommit--;
            throw new IllegalStateException("connection lost after commit");
        }
    }

    @Override
    public synchronized long durableCheckpoint() {
        return checkpoint;
    }

    @Override
    public boolean maintain(long nowEpochMillis) {
        return false;
    }

    @Override
    public synchronized List<StoredSeries> series(String metric) {
        return rows.entrySet().stream()
                .filter(entry -> entry.getKey().metric().equals(metric)
                        && !entry.getValue().isEmpty())
                .map(entry -> new StoredSeries(
                        entry.getKey(),
                        entry.getValue().firstKey(),
                        entry.getValue().lastKey()))
                .sorted(Comparator.comparing(stored -> stored.key().labels().toString()))
                .toList();
    }

    @Override
    public synchronized void read(
            Collection<SeriesKey> series,
            Resolution resolution,
            long fromEpochMillis,
            long toEpochMillis,
            Visitor visitor) {
        for (SeriesKey key : series) {
            TreeMap<Long, WindowData> merged = new TreeMap<>();
            rows.getOrDefault(key, new TreeMap<>())
                    .subMap(fromEpochMillis, toEpochMillis)
                    .forEach((start, row) -> merged.merge(
                            resolution.startOf(start),
                            row.data,
                            (one, other) -> WindowData.merge(List.of(one, other))));
            merged.forEach((start, data) -> visitor.window(key, start, data));
        }
    }

    void rollUp(long toMillis) {
        for (Resolution resolution : Resolution.values()) {
            rolledUpTo.put(resolution, resolution.startOf(toMillis));
        }
    }

    @Override
    public long rolledUpTo(Resolution resolution) {
        return resolution == Resolution.TEN_SECONDS
                ? Long.MAX_VALUE
                : rolledUpTo.getOrDefault(resolution, Long.MIN_VALUE / 2);
    }

    @Override
    public long keptFrom(Resolution resolution) {
        return 0;
    }

    synchronized Map<SeriesKey, NavigableMap<Long, Row>> rows() {
        return rows;
    }

    @Override
    public void close() {}
}
