package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is kept of one series for the rules that read it. Used by one thread at a time. */
final class KeptSeries {
    final LabelSet labels;
    final String source;
    long lastSampleMillis = Long.MIN_VALUE;
    private final @Nullable Level[] levels = new Level[Span.LEVELS];

    /** @param keptMillis by level; 0: not kept */
    KeptSeries(LabelSet labels, String source, long[] keptMillis) {
        this.labels = labels;
        this.source = source;
        for (int i = 0; i < Span.LEVELS; i++) {
            levels[i] = keptMillis[i] == 0 ? null : new Level(Span.width(i), keptMillis[i]);
        }
    }

    /** @param panesOnly whether the wider windows have it already */
    void addPane(long startMillis, WindowData data, boolean panesOnly) {
        Level panes = levels[0];
        if (panes != null) {
            panes.add(startMillis, data);
        }
        if (!panesOnly) {
            addWindow(startMillis, data);
        }
        lastSampleMillis = Math.max(lastSampleMillis, data.lastEpochMillis());
    }

    /** Adds to every width but the panes. */
    void addWindow(long startMillis, WindowData data) {
        for (int i = 1; i < Span.LEVELS; i++) {
            addTo(i, startMillis, data);
        }
    }

    void addTo(int index, long startMillis, WindowData data) {
        Level level = levels[index];
        if (level != null) {
            level.add(startMillis, data);
        }
        lastSampleMillis = Math.max(lastSampleMillis, data.lastEpochMillis());
    }

    void takePanesOf(KeptSeries other) {
        if (levels[0] != null && other.levels[0] != null) {
            levels[0] = other.levels[0];
        }
    }

    /** @return how many panes were given up */
    int dropPanes() {
        Level panes = levels[0];
        levels[0] = null;
        return panes == null ? 0 : panes.blocks();
    }

    /** The finest level at hand that is not finer than this. */
    int grainFrom(int wanted) {
        int grain = wanted;
        while (grain < Span.LEVELS - 1 && levels[grain] == null) {
            grain++;
        }
        return grain;
    }

    /**
     * The windows of a range, as few as can be.
     *
     * @param fromMillis a start of a block of this grain
     * @param toMillis exclusive; {@link Long#MAX_VALUE}: up to the newest
     */
    List<WindowData> parts(long fromMillis, long toMillis, int grain) {
        List<WindowData> parts = new ArrayList<>();
        long position = fromMillis;
        long end = Math.min(toMillis, lastSampleMillis + 1);
        while (position < end) {
            int level = coarsest(position, toMillis, grain);
            Level at = levels[level];
            WindowData data = at == null ? null : at.at(position);
            if (data != null) {
                parts.add(data);
            }
            position += Span.width(level);
        }
        return parts;
    }

    private int coarsest(long position, long toMillis, int grain) {
        for (int level = Span.LEVELS - 1; level > grain; level--) {
            long width = Span.width(level);
            if (levels[level] != null && position % width == 0 && width <= toMillis - position) {
                return level;
            }
        }
        return grain;
    }

    long heapBytes() {
        long bytes = 256;
        for (Level level : levels) {
            bytes += level == null ? 0 : level.heapBytes();
        }
        return bytes;
    }
}
