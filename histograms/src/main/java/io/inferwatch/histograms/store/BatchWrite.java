package io.inferwatch.histograms.store;

import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.WindowBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One batch on its way into {@code window_recent}: {@link #run} inside a transaction, {@link #committed} after it. A
 * record counts once because each window is written only over a smaller number: over one in a recent row its own, over a
 * packed one that of its block, which lies below the checkpoint at which it was packed and so below all that may come.
 */
final class BatchWrite {
    private final Repositories rows;
    private final SeriesDictionary dictionary;
    private final RecentIndex index;
    private final Corruption corruption;
    private final Progress before;
    private final WindowBatch batch;
    private final SeriesDictionary.Additions additions;
    private final Map<Long, SortedMap<Integer, RecentWindow>> touched = new TreeMap<>();
    private final Map<Long, Long> appliedThrough = new HashMap<>();
    private final List<Placed> placed = new ArrayList<>();
    private int expired;

    private record Placed(ClosedWindow window, SeriesDictionary.Entry series) {
        long startMillis() {
            return window.startEpochMillis();
        }

        long hourBlock() {
            return RowIds.block(Resolution.HOUR, Resolution.HOUR.startOf(startMillis()), series.id);
        }
    }

    BatchWrite(
            Repositories rows,
            SeriesDictionary dictionary,
            RecentIndex index,
            Corruption corruption,
            Progress before,
            WindowBatch batch) {
        this.rows = rows;
        this.dictionary = dictionary;
        this.index = index;
        this.corruption = corruption;
        this.before = before;
        this.batch = batch;
        this.additions = dictionary.additions();
    }

    void run() {
        Set<Long> ids = new HashSet<>();
        placed.clear();
        expired = 0;
        for (ClosedWindow window : batch.windows()) {
            if (window.startEpochMillis() < before.keptFrom(Resolution.HOUR)) {
                expired++;
                continue;
            }
            SeriesDictionary.Entry series = additions.findOrAdd(window.series(), window.startEpochMillis());
            placed.add(new Placed(window, series));
            ids.add(RowIds.recent(window.startEpochMillis(), RowIds.shard(series.id)));
        }
        load(ids);
        Map<Long, Long> packed = packedThrough();
        placed.forEach(window -> write(window, packed));
        save();
    }

    private void load(Set<Long> ids) {
        List<Long> stored = ids.stream().filter(index::contains).toList();
        Chunks.of(stored)
                .forEach(chunk -> rows.recent().findByIdIn(chunk).forEach(row -> {
                    try {
                        touched.put(row.id(), RecentWindows.decode(row));
                    } catch (CorruptRowException damaged) {
                        corruption.found("window_recent", row.id(), damaged);
                        touched.put(row.id(), new TreeMap<>());
                    }
                }));
    }

    /** By the id of the block of the hour; only of hours that may have one. */
    private Map<Long, Long> packedThrough() {
        Set<Long> ids = new HashSet<>();
        for (Placed window : placed) {
            if (window.startMillis() < before.packedBelow()) {
                ids.add(window.hourBlock());
            }
        }
        Map<Long, Long> packed = new HashMap<>();
        Chunks.of(List.copyOf(ids))
                .forEach(chunk -> rows.blocks()
                        .appliedOf(chunk)
                        .forEach(block -> packed.put(block.id(), block.appliedThrough())));
        return packed;
    }

    private void write(Placed placed, Map<Long, Long> packed) {
        ClosedWindow window = placed.window;
        long id = RowIds.recent(placed.startMillis(), RowIds.shard(placed.series.id));
        SortedMap<Integer, RecentWindow> row = touched.computeIfAbsent(id, fresh -> new TreeMap<>());
        RecentWindow stored = row.get(placed.series.id);
        if (stored != null) {
            row.put(placed.series.id, stored.with(window));
        } else if (window.appliedThrough() > packed.getOrDefault(placed.hourBlock(), -1L)) {
            row.put(placed.series.id, RecentWindow.of(window));
        }
    }

    private void save() {
        List<RecentRow> fresh = new ArrayList<>();
        List<RecentRow> changed = new ArrayList<>();
        touched.forEach((id, windows) -> {
            if (!windows.isEmpty()) {
                long highest = windows.values().stream()
                        .mapToLong(RecentWindow::appliedThrough)
                        .max()
                        .orElse(0);
                appliedThrough.put(id, highest);
                (index.contains(id) ? changed : fresh).add(new RecentRow(id, highest, RecentWindows.encode(windows)));
            }
        });
        if (!fresh.isEmpty()) {
            rows.recent().saveAll(fresh);
        }
        if (!changed.isEmpty()) {
            rows.recent().updateAll(changed);
        }
        List<SeriesRow> newSeries = additions.rows();
        if (!newSeries.isEmpty()) {
            rows.series().saveAll(newSeries);
        }
        rows.progress().update(after().row());
    }

    /** How many windows were older than anything that is kept, and so were left out. */
    int expired() {
        return expired;
    }

    private Progress after() {
        long highest = appliedThrough.values().stream()
                .mapToLong(Long::longValue)
                .max()
                .orElse(0);
        return before.withCheckpoint(batch.checkpoint(), highest);
    }

    Progress committed() {
        additions.committed();
        appliedThrough.forEach(index::put);
        placed.forEach(window -> dictionary.seen(window.series, window.startMillis()));
        return after();
    }
}
