package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowData;
import io.inferwatch.histograms.WindowStore.Visitor;
import java.util.ArrayList;
import java.util.BitSet;
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
    private static final int BLOCKS_AT_ONCE = Chunks.IDS;
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
                index.ids(group.get()).stream().filter(this::isInRange).forEach(recentIds::add);
            }
            group = index.next(group);
        }
    }

    private boolean isInRange(long recentId) {
        long start = resolution.startOf(RowIds.recentStartMillis(recentId));
        return start >= from && start < to;
    }

    /** Inside a transaction that sees one moment. */
    void run(Visitor visitor) {
        BitSet wanted = new BitSet();
        series.forEach(entry -> wanted.set(entry.id));
        new RowsById("window_recent", corruption)
                .read(recentIds, rows.recent()::findByIdIn, row -> takeRecent(row, wanted));
        visit(visitor);
    }

    private void takeRecent(RecentRow row, BitSet wanted) {
        try {
            long start = RowIds.recentStartMillis(row.id());
            RecentWindows.decode(row, wanted::get)
                    .forEach((seriesId, window) -> recent.computeIfAbsent(seriesId, first -> new TreeMap<>())
                            .put(start, window));
        } catch (CorruptRowException damaged) {
            corruption.found("window_recent", row.id(), damaged);
        }
    }

    /** A stretch of one series: so many hours that its blocks can be held at once. */
    private record Stretch(SeriesDictionary.Entry series, long fromHour, long toHour) {
        long hours() {
            return (toHour - fromHour + HOUR_MILLIS - 1) / HOUR_MILLIS;
        }
    }

    private void visit(Visitor visitor) {
        List<Stretch> together = new ArrayList<>();
        long hours = 0;
        for (SeriesDictionary.Entry entry : series) {
            for (Stretch stretch : stretches(entry)) {
                if (hours + stretch.hours() > BLOCKS_AT_ONCE) {
                    visit(together, visitor);
                    together.clear();
                    hours = 0;
                }
                together.add(stretch);
                hours += stretch.hours();
            }
        }
        visit(together, visitor);
    }

    private List<Stretch> stretches(SeriesDictionary.Entry entry) {
        List<Stretch> stretches = new ArrayList<>();
        long end = Math.min(to, entry.lastMillis() + 1);
        long hour = Resolution.HOUR.startOf(Math.max(from, entry.firstMillis()));
        while (hour < end) {
            long next = Math.min(hour + BLOCKS_AT_ONCE * HOUR_MILLIS, end);
            stretches.add(new Stretch(entry, hour, next));
            hour = next;
        }
        return stretches;
    }

    private void visit(List<Stretch> stretches, Visitor visitor) {
        List<Long> ids = new ArrayList<>();
        for (Stretch stretch : stretches) {
            for (long hour = stretch.fromHour; hour < stretch.toHour; hour += HOUR_MILLIS) {
                addBlocks(stretch.series.id, hour, ids);
            }
        }
        Map<Long, BlockRow> blocks = new HashMap<>();
        new RowsById("window_block", corruption)
                .read(ids, rows.blocks()::findByIdIn, block -> blocks.put(block.id(), block));
        for (Stretch stretch : stretches) {
            for (long hour = stretch.fromHour; hour < stretch.toHour; hour += HOUR_MILLIS) {
                visitHour(stretch.series, windows(blocks, hour, stretch.series.id), visitor);
            }
        }
    }

    private void addBlocks(int seriesId, long hour, List<Long> ids) {
        boolean isUnpacked = !unpacked(seriesId, hour).isEmpty();
        if (isUnpacked || resolution == Resolution.MINUTE || resolution == Resolution.TEN_SECONDS) {
            ids.add(RowIds.block(Resolution.TEN_SECONDS, hour, seriesId));
        }
        if (isUnpacked && resolution == Resolution.HOUR) {
            ids.add(RowIds.block(Resolution.TEN_MINUTES, hour, seriesId));
        }
        if (resolution != Resolution.TEN_SECONDS) {
            ids.add(RowIds.block(resolution, hour, seriesId));
        }
    }

    private SortedMap<Long, RecentWindow> unpacked(int seriesId, long hour) {
        SortedMap<Long, RecentWindow> ofSeries = recent.get(seriesId);
        return ofSeries == null ? new TreeMap<>() : ofSeries.subMap(hour, hour + HOUR_MILLIS);
    }

    private SortedMap<Long, byte[]> windows(Map<Long, BlockRow> blocks, long hour, int seriesId) {
        SortedMap<Long, RecentWindow> late = unpacked(seriesId, hour);
        SeriesHour packed = SeriesHour.of(blocks, hour, seriesId, corruption);
        if (!late.isEmpty()) {
            packed.add(late, hour >= fineKeptFrom);
        }
        return packed.at(resolution, from, to);
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
