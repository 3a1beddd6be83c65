package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops what is past its time, and, when the blocks outgrow their share of the disk, the finest windows before theirs. */
final class Retention {
    private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

    /** H2 takes about this much more than its rows: pages not full, space not used again yet. Tried by the simulated day. */
    private static final double FILE_PER_LIVE_BYTE = 1.5;

    private static final long HOUR_MILLIS = Resolution.HOUR.millis();
    private static final int LEAST_HOURS = 3;

    private final Database database;
    private final Repositories rows;
    private final StoreConfig config;
    private final SeriesDictionary dictionary;
    private final Corruption corruption;

    /** Up to which hour the rows are known to be gone. */
    private final Map<Resolution, Long> droppedBelow = new EnumMap<>(Resolution.class);

    Retention(Database database, StoreConfig config, SeriesDictionary dictionary, Corruption corruption) {
        this.database = database;
        this.rows = database.repositories();
        this.config = config;
        this.dictionary = dictionary;
        this.corruption = corruption;
    }

    long shortenedHours() {
        return database.shortenedHours();
    }

    Progress save(Progress progress) {
        return database.write("progress", connection -> {
            rows.progress().update(progress.row());
            for (Resolution resolution : Resolution.values()) {
                rows.resolutions().update(progress.row(resolution));
            }
            return progress;
        });
    }

    /** One step; empty when there is nothing to drop. */
    Optional<Progress> slice(Progress now, long referenceMillis) {
        Progress due = shortened(aged(now, referenceMillis), referenceMillis);
        if (!due.keptFrom().equals(now.keptFrom())) {
            return Optional.of(save(due));
        }
        for (Resolution resolution : Resolution.values()) {
            long keptFrom = due.keptFrom(resolution);
            if (droppedBelow.getOrDefault(resolution, 0L) < keptFrom) {
                return Optional.of(dropHour(due, resolution, keptFrom));
            }
        }
        return Optional.empty();
    }

    private Progress aged(Progress now, long referenceMillis) {
        Progress due = now;
        for (Resolution resolution : Resolution.values()) {
            long keptFrom = Resolution.HOUR.startOf(
                    referenceMillis - config.kept(resolution).toMillis());
            due = due.withKeptFrom(resolution, keptFrom);
        }
        return due;
    }

    /** An hour less of the finest resolution that can still give one. */
    private Progress shortened(Progress now, long referenceMillis) {
        if (now.allLiveBytes() * FILE_PER_LIVE_BYTE <= config.maxBytes() || !isAllDropped(now)) {
            return now;
        }
        for (Resolution resolution : Resolution.values()) {
            Optional<Long> oldest = oldestHour(resolution);
            if (oldest.isPresent() && oldest.get() < referenceMillis - LEAST_HOURS * HOUR_MILLIS) {
                if (database.shortened() == 1) {
                    LOG.warn(
                            "database: windows take {} bytes, store.max_bytes is {}: {} windows are kept for less than"
                                    + " store.retention says",
                            now.allLiveBytes(),
                            config.maxBytes(),
                            StoreConfig.name(resolution));
                }
                return now.withKeptFrom(resolution, oldest.get() + HOUR_MILLIS);
            }
        }
        return now;
    }

    private boolean isAllDropped(Progress now) {
        for (Resolution resolution : Resolution.values()) {
            if (droppedBelow.getOrDefault(resolution, 0L) < now.keptFrom(resolution)) {
                return false;
            }
        }
        return true;
    }

    private Optional<Long> oldestHour(Resolution resolution) {
        long id = database.read(
                "oldest",
                connection ->
                        rows.blocks().firstIdBetween(RowIds.block(resolution, 0, 0), RowIds.endOfBlocks(resolution)));
        return id < 0 ? Optional.empty() : Optional.of(RowIds.blockHourMillis(id));
    }

    private Progress dropHour(Progress now, Resolution resolution, long keptFrom) {
        long hour = oldestHour(resolution).orElse(keptFrom);
        if (hour >= keptFrom) {
            droppedBelow.put(resolution, keptFrom);
            if (resolution == Resolution.HOUR) {
                forgetSeries(keptFrom);
            }
            return now;
        }
        long from = RowIds.block(resolution, hour, 0);
        long to = RowIds.block(resolution, hour + HOUR_MILLIS, 0);
        if (resolution == Resolution.TEN_SECONDS) {
            return database.write("drop windows", connection -> thinOut(now, hour, from, to));
        }
        return database.write("drop windows", connection -> {
            Progress less = now.withMoreBytes(resolution, -rows.blocks().bytesBetween(from, to));
            rows.blocks().deleteBetween(from, to);
            rows.resolutions().update(less.row(resolution));
            return less;
        });
    }

    /** The 10 s windows of some series of one hour become minutes. */
    private Progress thinOut(Progress now, long hour, long from, long to) {
        Map<Long, BlockRow> blocks = new TreeMap<>();
        rows.blocks().first32Between(from, to).forEach(block -> blocks.put(block.id(), block));
        List<Long> fine = List.copyOf(blocks.keySet());
        List<Long> minutes = fine.stream()
                .map(id -> RowIds.block(Resolution.MINUTE, hour, RowIds.blockSeries(id)))
                .toList();
        Chunks.of(minutes)
                .forEach(chunk -> rows.blocks().findByIdIn(chunk).forEach(block -> blocks.put(block.id(), block)));
        Progress thinner = now;
        List<BlockRow> made = new ArrayList<>();
        for (long id : fine) {
            BlockRow block = Objects.requireNonNull(blocks.get(id));
            thinner = thinner.withMoreBytes(Resolution.TEN_SECONDS, -block.data().length);
            long minuteId = RowIds.block(Resolution.MINUTE, hour, RowIds.blockSeries(id));
            if (!blocks.containsKey(minuteId) && hour >= now.keptFrom(Resolution.MINUTE)) {
                SortedMap<Long, byte[]> ofMinutes = SeriesHour.of(blocks, hour, RowIds.blockSeries(id), corruption)
                        .at(Resolution.MINUTE);
                byte[] data = Block.encode(Resolution.MINUTE, hour, ofMinutes);
                made.add(new BlockRow(minuteId, block.appliedThrough(), data));
                thinner = thinner.withMoreBytes(Resolution.MINUTE, data.length);
            }
        }
        if (!made.isEmpty()) {
            rows.blocks().saveAll(made);
        }
        Chunks.of(fine).forEach(rows.blocks()::deleteByIdIn);
        rows.resolutions().update(thinner.row(Resolution.TEN_SECONDS));
        rows.resolutions().update(thinner.row(Resolution.MINUTE));
        return thinner;
    }

    private void forgetSeries(long keptFrom) {
        List<Integer> gone = dictionary.all().stream()
                .filter(series -> series.lastMillis() < keptFrom)
                .map(series -> series.id)
                .toList();
        if (!gone.isEmpty()) {
            database.write("forget series", connection -> {
                Chunks.of(gone).forEach(rows.series()::deleteByIdIn);
                return gone;
            });
            dictionary.remove(gone);
        }
    }
}
