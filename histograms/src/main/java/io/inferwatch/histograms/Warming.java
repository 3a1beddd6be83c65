package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Fetches from the database what rules read and memory does not have. */
final class Warming {
    private static final long AHEAD_MILLIS = 600_000;
    /** The widths above the pane, in the order of {@link Level}. */
    private static final List<Resolution> FINE_FIRST = List.of(Resolution.values());

    private final WindowStore store;
    private final long nowMillis;
    private final long panesFromMillis;

    Warming(WindowStore store, long nowMillis, long panesFromMillis) {
        this.store = store;
        this.nowMillis = nowMillis;
        this.panesFromMillis = panesFromMillis;
    }

    /** @param unwritten the windows of this metric that the rows lack */
    MetricWindows windows(Retention.OfMetric retention, List<Unwritten> unwritten) {
        MetricWindows windows = new MetricWindows(retention, panesFromMillis);
        Map<SeriesKey, KeptSeries> kept = new HashMap<>();
        long since = nowMillis - Math.max(SeriesTable.IDLE_MILLIS, retention.longestMillis());
        for (WindowStore.StoredSeries stored : store.series(retention.metric().name())) {
            LabelSet labels = stored.key().labels();
            if (History.isHistory(labels)) {
                continue;
            }
            windows.wasSeen(labels);
            if (stored.lastEpochMillis() >= since && isRead(retention, labels)) {
                kept.put(stored.key(), windows.keep(labels, Source.nameOf(retention.metric(), labels)));
            }
        }
        for (int level = 1; level < Span.LEVELS; level++) {
            if (retention.keptMillis()[level] > 0 && !kept.isEmpty()) {
                long from = nowMillis - Math.max(retention.keptMillis()[level], Span.width(level));
                read(kept, level, FINE_FIRST.get(level - 1).startOf(from), level);
            }
        }
        for (Unwritten window : unwritten) {
            if (isRead(retention, window.key().labels())) {
                windows.keep(window.key().labels(), window.source()).addWindow(window.startMillis(), window.data());
            }
        }
        return windows;
    }

    private static boolean isRead(Retention.OfMetric retention, LabelSet labels) {
        return !History.isHistory(labels)
                && retention.selections().values().stream().anyMatch(reader -> reader.matches(labels));
    }

    /** Into one level: from rows of its own width as far as they are rolled up, from finer ones beyond. */
    private void read(Map<SeriesKey, KeptSeries> kept, int level, long fromMillis, int rowsLevel) {
        Resolution resolution = FINE_FIRST.get(rowsLevel - 1);
        long to = nowMillis + AHEAD_MILLIS;
        long rolledUp = Math.clamp(resolution.startOf(store.rolledUpTo(resolution)), fromMillis, to);
        if (rolledUp > fromMillis) {
            store.read(new ArrayList<>(kept.keySet()), resolution, fromMillis, rolledUp, (series, start, data) -> {
                KeptSeries found = kept.get(series);
                if (found != null) {
                    found.addTo(level, start, data);
                }
            });
        }
        if (rowsLevel > 1 && rolledUp < to) {
            read(kept, level, rolledUp, rowsLevel - 1);
        }
    }
}
