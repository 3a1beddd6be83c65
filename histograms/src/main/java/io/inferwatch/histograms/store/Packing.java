package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Packs recent rows of one hour and one shard into blocks, and rolls them up, in one transaction: a reader sees a window
 * before or after, never twice and never not at all. Only rows below the checkpoint are packed, so what a replay brings
 * again never meets a block that holds it.
 */
final class Packing {
    private final Repositories rows;
    private final SeriesDictionary dictionary;
    private final Corruption corruption;
    private final Progress before;
    private final long cutoffMillis;
    private final List<Long> recentIds;
    private final Map<Integer, SortedMap<Long, RecentWindow>> recent = new TreeMap<>();
    private final Map<Integer, Long> appliedThrough = new HashMap<>();
    private final Map<Long, BlockRow> stored = new HashMap<>();
    private final List<BlockRow> fresh = new ArrayList<>();
    private final List<BlockRow> changed = new ArrayList<>();
    private final List<SeriesRow> series = new ArrayList<>();
    private Progress after;

    /** @param recentIds rows of one hour and one shard */
    Packing(
            Repositories rows,
            SeriesDictionary dictionary,
            Corruption corruption,
            Progress before,
            long cutoffMillis,
            List<Long> recentIds) {
        this.rows = rows;
        this.dictionary = dictionary;
        this.corruption = corruption;
        this.before = before;
        this.cutoffMillis = cutoffMillis;
        this.recentIds = recentIds;
        this.after = before;
    }

    void run() {
        loadRecent();
        long hour = Resolution.HOUR.startOf(RowIds.recentStartMillis(recentIds.getFirst()));
        loadBlocks(hour);
        recent.forEach((seriesId, windows) -> pack(hour, seriesId, windows));
        save();
    }

    private void loadRecent() {
        new RowsById("window_recent", corruption).read(recentIds, rows.recent()::findByIdIn, this::take);
    }

    private void take(RecentRow row) {
        try {
            long start = RowIds.recentStartMillis(row.id());
            RecentWindows.decode(row).forEach((seriesId, window) -> {
                recent.computeIfAbsent(seriesId, first -> new TreeMap<>()).put(start, window);
                appliedThrough.merge(seriesId, window.appliedThrough(), Math::max);
            });
        } catch (CorruptRowException damaged) {
            corruption.found("window_recent", row.id(), damaged);
        }
    }

    private void loadBlocks(long hour) {
        List<Long> ids = new ArrayList<>();
        for (int seriesId : recent.keySet()) {
            for (Resolution resolution : Resolution.values()) {
                ids.add(RowIds.block(resolution, hour, seriesId));
            }
        }
        new RowsById("window_block", corruption)
                .read(ids, rows.blocks()::findByIdIn, block -> stored.put(block.id(), block));
    }

    private void pack(long hour, int seriesId, SortedMap<Long, RecentWindow> windows) {
        SeriesHour packed = SeriesHour.of(stored, hour, seriesId, corruption);
        List<Resolution> touched = packed.add(windows, hour >= before.keptFrom(Resolution.TEN_SECONDS));
        for (Resolution resolution : touched) {
            if (hour >= before.keptFrom(resolution) || resolution == Resolution.TEN_SECONDS) {
                put(resolution, hour, seriesId, Block.encode(resolution, hour, packed.at(resolution)));
            }
        }
        dictionary.outdatedRow(seriesId).ifPresent(series::add);
    }

    private void put(Resolution resolution, long hour, int seriesId, byte[] data) {
        long id = RowIds.block(resolution, hour, seriesId);
        BlockRow old = stored.get(id);
        long through = appliedThrough.getOrDefault(seriesId, 0L);
        if (old == null) {
            fresh.add(new BlockRow(id, through, data));
            after = after.withMoreBytes(resolution, data.length);
        } else if (!Arrays.equals(old.data(), data) || old.appliedThrough() < through) {
            changed.add(new BlockRow(id, Math.max(through, old.appliedThrough()), data));
            after = after.withMoreBytes(resolution, data.length - old.data().length);
        }
    }

    private void save() {
        if (!fresh.isEmpty()) {
            rows.blocks().saveAll(fresh);
        }
        if (!changed.isEmpty()) {
            rows.blocks().updateAll(changed);
        }
        if (!series.isEmpty()) {
            rows.series().updateAll(series);
        }
        Chunks.of(recentIds).forEach(rows.recent()::deleteByIdIn);
        after = after.withPackedBelow(cutoffMillis);
        rows.progress().update(after.row());
        for (Resolution resolution : Resolution.values()) {
            rows.resolutions().update(after.row(resolution));
        }
    }

    Progress committed(RecentIndex index) {
        index.remove(recentIds);
        series.forEach(dictionary::updated);
        return after;
    }

    /** The next rows to pack after those of {@code last}; empty when there are none. */
    static Optional<RecentIndex.Group> nextGroup(
            RecentIndex index, Optional<RecentIndex.Group> last, long cutoffMillis, long checkpoint) {
        Optional<RecentIndex.Group> group = index.next(last);
        while (group.isPresent() && group.get().hourMillis() < cutoffMillis) {
            if (!index.packable(group.get(), cutoffMillis, checkpoint).isEmpty()) {
                return group;
            }
            group = index.next(group);
        }
        return Optional.empty();
    }
}
