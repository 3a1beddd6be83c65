package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowData;
import io.inferwatch.histograms.WindowStore.Visitor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** One read of windows: what is packed, with what is not packed yet laid over it, as of one moment. */
final class WindowReader {
    private static final int HOURS_AT_ONCE = 64;
    private static final long HOUR_MILLIS = Resolution.HOUR.millis();

    private final Repositories rows;
    private final Corruption corruption;
    private final Resolution resolution;
    private final long fineKeptFrom;
    private final long from;
    private final long to;
    private final List<SeriesDictionary.Entry> series = new ArrayList<>();
    private final List<Long> recentIds = new ArrayList<>();
    private final Map<Integer, SortedMap<Long, RecentWindow>> recent = new HashMap<>();

    /** Begins it: the ids of recent rows are taken here, before the transaction. */
    WindowReader(
            Repositories rows,
            SeriesDictionary dictionary,
            RecentIndex index,
            Corruption corruption,
            Progress progress,
            Collection<SeriesKey> keys,
            Resolution resolution,
            long fromMillis,
            long toMillis) {
        this.rows = rows;
        this.corruption = corruption;
        this.resolution = resolution;
        this.fineKeptFrom = progress.keptFrom(Resolution.TEN_SECONDS);
        this.from = Math.max(fromMillis, progress.keptFrom(resolution));
        this.to = toMillis;
        Set<Integer> shards = new HashSet<>();
        for (SeriesKey key : keys) {
            dictionary.find(key).ifPresent(entry -> {
                series.add(entry);
                shards.add(RowIds.shard(entry.id));
            });
        }
        Optional<RecentIndex.Group> group = index.firstOf(Resolution.HOUR.startOf(from));
        while (group.isPresent() && group.get().hourMillis() < to) {
            if (shards.contains(group.get().shard())) {
                recentIds.addAll(index.ids(group.get()));
            }
            group = index.next(group);
        }
    }

    /** Inside a transaction that sees one moment. */
    void run(Visitor visitor) {
        Set<Integer> wanted = new HashSet<>();
        series.forEach(entry -> wanted.add(entry.id));
        Chunks.of(recentIds).forEach(chunk -> rows.recent().findByIdIn(chunk).forEach(row -> takeRecent(row, wanted)));
        series.forEach(entry -> visitSeries(entry, visitor));
    }

    private void takeRecent(RecentRow row, Set<Integer> wanted) {
        try {
            long start = RowIds.recentStartMillis(row.id());
            RecentWindows.decode(row).forEach((seriesId, window) -> {
                if (wanted.contains(seriesId)) {
                    recent.computeIfAbsent(seriesId, first -> new TreeMap<>()).put(start, window);
                }
            });
        } catch (CorruptRowException damaged) {
            corruption.found("window_recent", row.id(), damaged);
        }
    }

    private void visitSeries(SeriesDictionary.Entry entry, Visitor visitor) {
        long hour = Resolution.HOUR.startOf(Math.max(from, entry.firstMillis()));
        long end = Math.min(to, entry.lastMillis() + 1);
        while (hour < end) {
            long next = Math.min(hour + HOURS_AT_ONCE * HOUR_MILLIS, end);
            visitHours(entry, hour, next, visitor);
            hour = next;
        }
    }

    private void visitHours(SeriesDictionary.Entry entry, long fromHour, long toHour, Visitor visitor) {
        SortedMap<Long, RecentWindow> unpacked = recent.getOrDefault(entry.id, new TreeMap<>());
        List<Long> ids = new ArrayList<>();
        for (long hour = fromHour; hour < toHour; hour += HOUR_MILLIS) {
            ids.add(RowIds.block(resolution, hour, entry.id));
            if (resolution != Resolution.TEN_SECONDS
                    && !unpacked.subMap(hour, hour + HOUR_MILLIS).isEmpty()) {
                for (Resolution finer : Resolution.values()) {
                    if (finer != resolution) {
                        ids.add(RowIds.block(finer, hour, entry.id));
                    }
                }
            }
        }
        Map<Long, BlockRow> blocks = new HashMap<>();
        rows.blocks().findByIdIn(ids).forEach(block -> blocks.put(block.id(), block));
        for (long hour = fromHour; hour < toHour; hour += HOUR_MILLIS) {
            SortedMap<Long, RecentWindow> late = unpacked.subMap(hour, hour + HOUR_MILLIS);
            visitHour(entry, windows(blocks, hour, entry.id, late), visitor);
        }
    }

    private SortedMap<Long, byte[]> windows(
            Map<Long, BlockRow> blocks, long hour, int seriesId, SortedMap<Long, RecentWindow> late) {
        if (late.isEmpty() && !blocks.containsKey(RowIds.block(resolution, hour, seriesId))) {
            return new TreeMap<>();
        }
        SeriesHour packed = SeriesHour.of(blocks, hour, seriesId, corruption);
        if (!late.isEmpty()) {
            packed.add(late, hour >= fineKeptFrom, resolution);
        }
        return packed.at(resolution);
    }

    private void visitHour(SeriesDictionary.Entry entry, SortedMap<Long, byte[]> windows, Visitor visitor) {
        windows.subMap(Math.min(from, to), to).forEach((start, data) -> {
            WindowData decoded;
            try {
                decoded = WindowData.decode(data);
            } catch (IllegalArgumentException damaged) {
                corruption.found(
                        "window_block", RowIds.block(resolution, Resolution.HOUR.startOf(start), entry.id), damaged);
                return;
            }
            visitor.window(entry.key, start, decoded);
        });
    }
}
