package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Gathers the windows of a range from the database and from memory, at the coarsest resolution that fits. */
final class WindowReading {
    private static final long MAX_STEPS = 20_000;
    private static final List<Resolution> COARSE_FIRST =
            List.of(Resolution.HOUR, Resolution.TEN_MINUTES, Resolution.MINUTE, Resolution.TEN_SECONDS);

    /** @param stepMillis 0: the range as a whole */
    record Bounds(long fromMillis, long toMillis, long stepMillis) {
        long pointOf(long startMillis) {
            return stepMillis == 0 ? fromMillis : Math.floorDiv(startMillis, stepMillis) * stepMillis;
        }

        /** The same in stretches of so many steps, oldest first; the whole where it has no step. */
        List<Bounds> stretches(int steps) {
            if (stepMillis == 0) {
                return List.of(this);
            }
            List<Bounds> stretches = new ArrayList<>();
            long width = stepMillis * steps;
            for (long from = fromMillis; from < toMillis; from += width) {
                stretches.add(new Bounds(from, Math.min(toMillis, from + width), stepMillis));
            }
            return stretches;
        }

        double pointSeconds() {
            return (stepMillis == 0 ? toMillis - fromMillis : stepMillis) / 1_000.0;
        }
    }

    /** A group of the answer: exact and bucketed data of the same labels are two. */
    record GroupKey(LabelSet labels, boolean isBucketed) {}

    private record Piece(Resolution resolution, long fromMillis, long toMillis) {}

    private final TelemetryStore live;
    private final WindowStore store;

    WindowReading(TelemetryStore live, WindowStore store) {
        this.live = live;
        this.store = store;
    }

    /** Widened to what is kept: the finest resolution that reaches back to where the range begins. */
    Bounds bounds(QueryRange range) {
        long from = range.from().toEpochMilli();
        long to = range.to().toEpochMilli();
        long unit = Resolution.HOUR.millis();
        for (Resolution resolution : COARSE_FIRST) {
            unit = store.keptFrom(resolution) <= from ? resolution.millis() : unit;
        }
        long resolution = unit;
        long step = range.step()
                .map(Duration::toMillis)
                .map(asked -> Math.ceilDiv(Math.max(1, asked), resolution) * resolution)
                .orElse(0L);
        long grid = step == 0 ? unit : step;
        long first = Math.floorDiv(from, grid) * grid;
        long end = Math.max(first + grid, Math.ceilDiv(to, grid) * grid);
        if (step > 0 && (end - first) / step > MAX_STEPS) {
            throw new UnfitQueryException("a step of " + Duration.ofMillis(step) + " makes " + (end - first) / step
                    + " windows; at most " + MAX_STEPS + ": ask for a longer step or a shorter range");
        }
        return new Bounds(first, end, step);
    }

    /** By group, then by point, then by series. Only what has samples, and of rival observers the best. */
    Map<GroupKey, SortedMap<Long, Map<LabelSet, List<WindowData>>>> read(Matching matching, Bounds bounds) {
        Map<LabelSet, SortedMap<Long, List<WindowData>>> bySeries =
                live.readConsistently(() -> readSeries(matching, bounds));
        Rivals.Choice chosen = Rivals.OBSERVERS.choose(bySeries.keySet());
        Map<GroupKey, SortedMap<Long, Map<LabelSet, List<WindowData>>>> groups = new LinkedHashMap<>();
        bySeries.forEach((labels, points) -> {
            if (matching.observersApart() || chosen.isHeard(labels)) {
                LabelSet group = matching.groupBySourceOf(labels);
                points.forEach((start, parts) -> parts.forEach(
                        part -> groups.computeIfAbsent(new GroupKey(group, part.isBucketed()), made -> new TreeMap<>())
                                .computeIfAbsent(start, made -> new LinkedHashMap<>())
                                .computeIfAbsent(labels, made -> new ArrayList<>())
                                .add(part)));
            }
        });
        return groups;
    }

    private Map<LabelSet, SortedMap<Long, List<WindowData>>> readSeries(Matching matching, Bounds bounds) {
        Map<LabelSet, SortedMap<Long, List<WindowData>>> found = new LinkedHashMap<>();
        String metric = matching.metric().name();
        for (Unwritten window : live.unwritten(metric, matching::matches, bounds.fromMillis, bounds.toMillis)) {
            add(found, bounds, window.key().labels(), window.startMillis(), window.data());
        }
        Set<SeriesKey> keys = new LinkedHashSet<>();
        for (WindowStore.StoredSeries stored : store.series(metric)) {
            boolean overlaps = stored.firstEpochMillis() < bounds.toMillis
                    && stored.lastEpochMillis() + Resolution.HOUR.millis() > bounds.fromMillis;
            if (overlaps && matching.matches(stored.key().labels())) {
                keys.add(stored.key());
            }
        }
        if (!keys.isEmpty()) {
            for (Piece piece : cover(bounds)) {
                store.read(
                        keys,
                        piece.resolution,
                        piece.fromMillis,
                        piece.toMillis,
                        (key, start, data) -> add(found, bounds, key.labels(), start, data));
            }
        }
        return found;
    }

    private static void add(
            Map<LabelSet, SortedMap<Long, List<WindowData>>> found,
            Bounds bounds,
            LabelSet labels,
            long startMillis,
            WindowData data) {
        found.computeIfAbsent(labels, made -> new TreeMap<>())
                .computeIfAbsent(bounds.pointOf(startMillis), made -> new ArrayList<>())
                .add(data);
    }

    private List<Piece> cover(Bounds bounds) {
        List<Piece> pieces = new ArrayList<>();
        cover(bounds.stepMillis, bounds.fromMillis, bounds.toMillis, 0, pieces);
        return pieces;
    }

    private void cover(long stepMillis, long fromMillis, long toMillis, int index, List<Piece> pieces) {
        if (fromMillis >= toMillis) {
            return;
        }
        Resolution resolution = COARSE_FIRST.get(index);
        if (resolution == Resolution.TEN_SECONDS) {
            pieces.add(new Piece(resolution, fromMillis, toMillis));
            return;
        }
        long width = resolution.millis();
        long from = Math.ceilDiv(Math.max(fromMillis, store.keptFrom(resolution)), width) * width;
        long to = resolution.startOf(Math.min(toMillis, store.rolledUpTo(resolution)));
        if (from >= to || stepMillis % width != 0) {
            cover(stepMillis, fromMillis, toMillis, index + 1, pieces);
            return;
        }
        cover(stepMillis, fromMillis, from, index + 1, pieces);
        pieces.add(new Piece(resolution, from, to));
        cover(stepMillis, to, toMillis, index + 1, pieces);
    }
}
