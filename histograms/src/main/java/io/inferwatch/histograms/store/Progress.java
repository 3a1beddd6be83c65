package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import java.util.EnumMap;
import java.util.Map;

/**
 * How far the store has come, in memory as it stands committed. Replaced as a whole by the writing thread.
 *
 * @param appliedThrough the highest record in any row
 * @param packedBelow windows that start at or after it were never packed
 * @param rolledUpTo up to where every coarser resolution is complete
 */
record Progress(
        long checkpoint,
        long appliedThrough,
        long packedBelow,
        long rolledUpTo,
        Map<Resolution, Long> keptFrom,
        Map<Resolution, Long> liveBytes) {
    Progress {
        keptFrom = Map.copyOf(keptFrom);
        liveBytes = Map.copyOf(liveBytes);
    }

    static Progress of(ProgressRow row, Iterable<ResolutionRow> resolutions) {
        Map<Resolution, Long> keptFrom = new EnumMap<>(Resolution.class);
        Map<Resolution, Long> liveBytes = new EnumMap<>(Resolution.class);
        for (Resolution resolution : Resolution.values()) {
            keptFrom.put(resolution, 0L);
            liveBytes.put(resolution, 0L);
            for (ResolutionRow stored : resolutions) {
                if (stored.id() == RowIds.stored(resolution)) {
                    keptFrom.put(resolution, stored.keptFrom());
                    liveBytes.put(resolution, stored.liveBytes());
                }
            }
        }
        return new Progress(
                row.checkpoint(), row.appliedThrough(), row.packedBelow(), row.rolledUpTo(), keptFrom, liveBytes);
    }

    ProgressRow row() {
        return new ProgressRow(ProgressRow.ID, checkpoint, appliedThrough, packedBelow, rolledUpTo);
    }

    ResolutionRow row(Resolution resolution) {
        return new ResolutionRow(
                (int) RowIds.stored(resolution), keptFrom(resolution), liveBytes.getOrDefault(resolution, 0L));
    }

    long keptFrom(Resolution resolution) {
        return keptFrom.getOrDefault(resolution, 0L);
    }

    long allLiveBytes() {
        return liveBytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Neither number ever falls: what lies below a checkpoint is never replayed. */
    Progress withCheckpoint(long newCheckpoint, long newAppliedThrough) {
        return new Progress(
                Math.max(checkpoint, newCheckpoint),
                Math.max(appliedThrough, newAppliedThrough),
                packedBelow,
                rolledUpTo,
                keptFrom,
                liveBytes);
    }

    Progress withPackedBelow(long cutoffMillis) {
        return new Progress(
                checkpoint, appliedThrough, Math.max(packedBelow, cutoffMillis), rolledUpTo, keptFrom, liveBytes);
    }

    Progress withRolledUpTo(long newRolledUpTo) {
        return new Progress(
                checkpoint, appliedThrough, packedBelow, Math.max(rolledUpTo, newRolledUpTo), keptFrom, liveBytes);
    }

    Progress withKeptFrom(Resolution resolution, long newKeptFrom) {
        Map<Resolution, Long> all = new EnumMap<>(keptFrom);
        all.put(resolution, Math.max(keptFrom(resolution), newKeptFrom));
        return new Progress(checkpoint, appliedThrough, packedBelow, rolledUpTo, all, liveBytes);
    }

    Progress withMoreBytes(Resolution resolution, long bytes) {
        Map<Resolution, Long> all = new EnumMap<>(liveBytes);
        all.put(resolution, Math.max(0, liveBytes.getOrDefault(resolution, 0L) + bytes));
        return new Progress(checkpoint, appliedThrough, packedBelow, rolledUpTo, keptFrom, all);
    }
}
