package io.inferwatch.histograms.store;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.WindowData;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * One hour of one series at every resolution: what is packed, and what came since laid over it. Packing and reading both
 * go through here, so a window reads the same before and after it is packed.
 */
final class SeriesHour {
    private static final List<Resolution> FINE =
            List.of(Resolution.TEN_SECONDS, Resolution.TEN_MINUTES, Resolution.HOUR);
    private static final List<Resolution> COARSER = List.of(Resolution.MINUTE, Resolution.TEN_MINUTES, Resolution.HOUR);

    private final Map<Resolution, SortedMap<Long, byte[]>> windows = new EnumMap<>(Resolution.class);
    /** Moments whose coarser windows are still to be made again: a read of 10 s windows needs none of them. */
    private final List<Long> laidOver = new ArrayList<>();

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

    /**
     * By start, with the row form of each. Minutes are stored once the 10 s windows are dropped; until then they are made
     * from these, so that the disk does not hold both.
     */
    SortedMap<Long, byte[]> at(Resolution resolution) {
        return at(resolution, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /**
     * At least the windows that start in {@code [from, to)}.
     *
     * @param fromMillis where a window of this resolution starts
     */
    SortedMap<Long, byte[]> at(Resolution resolution, long fromMillis, long toMillis) {
        if (resolution == Resolution.MINUTE && stored(Resolution.MINUTE).isEmpty()) {
            SortedMap<Long, byte[]> minutes = new TreeMap<>();
            SortedMap<Long, byte[]> fine = stored(Resolution.TEN_SECONDS);
            // Made again at each read: so no more of them than are asked for, and the one that the end cuts.
            long end = Math.max(toMillis, toMillis + Resolution.MINUTE.millis());
            Set<Long> asked = fine.subMap(Math.min(fromMillis, end), end).keySet();
            rollUp(asked, fine, Resolution.MINUTE, minutes);
            return minutes;
        }
        if (resolution == Resolution.TEN_MINUTES || resolution == Resolution.HOUR) {
            rollUpLaidOver();
        }
        return stored(resolution);
    }

    private void rollUpLaidOver() {
        SortedMap<Long, byte[]> tenMinutes = stored(Resolution.TEN_MINUTES);
        rollUp(laidOver, stored(Resolution.TEN_SECONDS), Resolution.TEN_MINUTES, tenMinutes);
        rollUp(laidOver, tenMinutes, Resolution.HOUR, stored(Resolution.HOUR));
        laidOver.clear();
    }

    private SortedMap<Long, byte[]> stored(Resolution resolution) {
        SortedMap<Long, byte[]> at = windows.get(resolution);
        if (at == null) {
            throw new IllegalStateException("no windows at " + resolution);
        }
        return at;
    }

    /** Whether the 10 s windows are all here, so that what comes is laid over them. */
    private boolean isFineHere(boolean isFineKept) {
        return !isFineDamaged && (isFineKept || !stored(Resolution.TEN_SECONDS).isEmpty());
    }

    /**
     * Adds 10 s windows that are not packed yet.
     *
     * @param isFineKept whether this hour is within the time for which 10 s windows are kept
     * @return the resolutions that are stored for it now
     */
    List<Resolution> add(SortedMap<Long, RecentWindow> recent, boolean isFineKept) {
        if (isFineHere(isFineKept)) {
            overlay(recent);
            ExemplarThinning.thinOut(recent.keySet(), stored(Resolution.TEN_SECONDS));
            laidOver.addAll(recent.keySet());
            return FINE;
        }
        for (Resolution coarser : COARSER) {
            recent.forEach((start, window) -> addTo(stored(coarser), coarser.startOf(start), window.data()));
        }
        return COARSER;
    }

    private void overlay(SortedMap<Long, RecentWindow> recent) {
        SortedMap<Long, byte[]> fine = stored(Resolution.TEN_SECONDS);
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

    /** Makes each coarser window again that holds one of these moments. */
    private static void rollUp(
            Collection<Long> touched, SortedMap<Long, byte[]> finer, Resolution coarser, SortedMap<Long, byte[]> into) {
        SortedSet<Long> starts = new TreeSet<>();
        touched.forEach(moment -> starts.add(coarser.startOf(moment)));
        for (long start : starts) {
            into.put(start, merged(finer.subMap(start, start + coarser.millis()).values()));
        }
    }

    private static byte[] merged(Collection<byte[]> parts) {
        List<WindowData> decoded = new ArrayList<>(parts.size());
        parts.forEach(part -> decoded.add(WindowData.decode(part)));
        return WindowData.merge(decoded).encoded();
    }
}
