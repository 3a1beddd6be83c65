package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.WindowData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One hour of one series at every resolution: what is packed, and what came since laid over it. Packing and reading both
 * go through here, so a window reads the same before and after it is packed.
 */
final class SeriesHour {
    private static final List<Resolution> COARSER = List.of(Resolution.MINUTE, Resolution.TEN_MINUTES, Resolution.HOUR);

    private final Map<Resolution, SortedMap<Long, byte[]>> windows = new EnumMap<>(Resolution.class);
    private boolean isFineDamaged;

    private SeriesHour() {}

    /** @param blocks by id; the hour's own are taken from among them */
    static SeriesHour of(Map<Long, BlockRow> blocks, long hourMillis, int seriesId, Corruption corruption) {
        SeriesHour hour = new SeriesHour();
        for (Resolution resolution : Resolution.values()) {
            BlockRow block = blocks.get(RowIds.block(resolution, hourMillis, seriesId));
            hour.windows.put(resolution, new TreeMap<>());
            if (block != null) {
                try {
                    hour.windows.put(resolution, Block.decode(resolution, block));
                } catch (CorruptRowException damaged) {
                    corruption.found("window_block", block.id(), damaged);
                    hour.isFineDamaged |= resolution == Resolution.TEN_SECONDS;
                }
            }
        }
        return hour;
    }

    /** By start, with the row form of each. */
    SortedMap<Long, byte[]> at(Resolution resolution) {
        SortedMap<Long, byte[]> at = windows.get(resolution);
        if (at == null) {
            throw new IllegalStateException("no windows at " + resolution);
        }
        return at;
    }

    /**
     * Adds 10 s windows that are not packed yet.
     *
     * @param upTo the coarsest resolution that is of interest
     * @param isFineKept whether this hour's 10 s windows are all here; else what came goes straight into the coarser ones
     */
    void add(SortedMap<Long, RecentWindow> recent, boolean isFineKept, Resolution upTo) {
        if (isFineKept && !isFineDamaged) {
            overlay(recent);
            rollUp(recent.keySet(), upTo);
        } else {
            for (Resolution coarser : COARSER) {
                recent.forEach((start, window) -> addTo(at(coarser), coarser.startOf(start), window.data()));
            }
            overlay(recent);
        }
    }

    private void overlay(SortedMap<Long, RecentWindow> recent) {
        SortedMap<Long, byte[]> fine = at(Resolution.TEN_SECONDS);
        recent.forEach((start, window) -> {
            if (window.isWhole()) {
                fine.put(start, window.data());
            } else {
                addTo(fine, start, window.data());
            }
        });
    }

    private static void addTo(SortedMap<Long, byte[]> windows, long start, byte[] more) {
        windows.merge(start, more, (packed, late) -> merged(List.of(packed, late)));
    }

    /** Makes again, from the next finer resolution, each coarser window that holds one of these 10 s windows. */
    private void rollUp(Collection<Long> fineStarts, Resolution upTo) {
        Collection<Long> touched = fineStarts;
        SortedMap<Long, byte[]> from = at(Resolution.TEN_SECONDS);
        for (Resolution coarser : COARSER) {
            if (coarser.compareTo(upTo) > 0) {
                return;
            }
            SortedSet<Long> starts = new TreeSet<>();
            touched.forEach(start -> starts.add(coarser.startOf(start)));
            SortedMap<Long, byte[]> into = at(coarser);
            for (long start : starts) {
                into.put(
                        start,
                        merged(from.subMap(start, start + coarser.millis()).values()));
            }
            from = into;
            touched = starts;
        }
    }

    private static byte[] merged(Collection<byte[]> parts) {
        List<WindowData> decoded = new ArrayList<>(parts.size());
        parts.forEach(part -> decoded.add(WindowData.decode(part)));
        return WindowData.merge(decoded).encoded();
    }
}
