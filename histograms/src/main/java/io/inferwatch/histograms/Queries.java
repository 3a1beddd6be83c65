package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Questions about any stretch of time, answered from the database and, for what is not in it yet, from memory. The
 * window that is being written is included; what memory and database share is counted once. Any thread. A question that
 * means nothing fails with {@link UnfitQueryException}.
 */
public final class Queries {
    private static final int HEATMAP_ROWS_AT_MOST = 64;
    /** About a kilobyte each, on a heap of 256 MB. */
    private static final int WINDOWS_AT_ONCE = 20_000;

    private static final int LEAST_STEPS_AT_ONCE = 6;
    private static final int MOST_STEPS_AT_ONCE = 360;

    private final TelemetryStore live;
    private final WindowStore store;
    private final WindowReading reading;

    Queries(TelemetryStore live, WindowStore store) {
        this.live = live;
        this.store = store;
        this.reading = new WindowReading(live, store);
    }

    /** @param ps 0–100 each */
    public Answer<Answer.Percentiles> percentiles(Selection selection, List<BigDecimal> ps, QueryRange range) {
        Matching matching = new Matching(selection);
        List<Evaluation> each = ps.stream()
                .map(p -> evaluation(matching, new Aggregate.Percentile(p), 1))
                .toList();
        Evaluation min = evaluation(matching, Aggregate.Basic.MIN, 1);
        Evaluation max = evaluation(matching, Aggregate.Basic.MAX, 1);
        Evaluation mean = evaluation(matching, Aggregate.Basic.AVG, 1);
        return answer(matching, range, (bounds, parts) -> {
            Collection<List<WindowData>> merged = matching.across() == Across.MERGE ? mergedOnce(parts) : parts;
            return new Answer.Percentiles(
                    min.of(merged),
                    max.of(merged),
                    mean.of(merged),
                    each.stream().map(percentile -> percentile.of(merged)).toList());
        });
    }

    private static Collection<List<WindowData>> mergedOnce(Collection<List<WindowData>> parts) {
        List<WindowData> all = new ArrayList<>();
        parts.forEach(all::addAll);
        return List.of(List.of(WindowData.merge(all)));
    }

    /** Any aggregate; a share as well. */
    public Answer<Bracket> aggregate(Selection selection, Aggregate aggregate, QueryRange range) {
        Matching matching = new Matching(selection);
        evaluation(matching, aggregate, 1);
        return answer(
                matching,
                range,
                (bounds, parts) ->
                        evaluation(matching, aggregate, bounds.pointSeconds()).of(parts));
    }

    private static Evaluation evaluation(Matching matching, Aggregate aggregate, double seconds) {
        return new Evaluation(matching.metric(), aggregate, matching.across(), seconds);
    }

    private <T> Answer<T> answer(
            Matching matching,
            QueryRange range,
            BiFunction<WindowReading.Bounds, Collection<List<WindowData>>, T> value) {
        WindowReading.Bounds bounds = reading.bounds(range);
        return answer(matching, bounds, reading.read(matching, bounds), parts -> value.apply(bounds, parts));
    }

    private static <T> Answer<T> answer(
            Matching matching,
            WindowReading.Bounds bounds,
            Map<WindowReading.GroupKey, SortedMap<Long, Map<LabelSet, List<WindowData>>>> read,
            Function<Collection<List<WindowData>>, T> value) {
        List<Answer.Group<T>> groups = new ArrayList<>();
        read.forEach((key, byPoint) -> {
            List<Answer.Point<T>> points = new ArrayList<>();
            Map<String, Boolean> witnesses = new LinkedHashMap<>();
            byPoint.forEach((start, series) -> {
                series.keySet().forEach(each -> note(witnesses, each));
                points.add(point(start, series.values(), value));
            });
            groups.add(new Answer.Group<>(
                    key.labels(),
                    witnesses.keySet().stream()
                            .filter(name -> !name.isEmpty())
                            .sorted(Rivals.OBSERVERS.bestFirstOrder())
                            .toList(),
                    provenance(key, byPoint, witnesses.containsValue(true)),
                    points));
        });
        groups.sort(Comparator.<Answer.Group<T>, String>comparing(
                        group -> group.labels().toString())
                .thenComparing(group -> group.provenance() instanceof Provenance.Bucketed));
        return new Answer<>(
                matching.metric(),
                matching.outcome(),
                Instant.ofEpochMilli(bounds.fromMillis()),
                Instant.ofEpochMilli(bounds.toMillis()),
                bounds.stepMillis() == 0 ? Optional.empty() : Optional.of(Duration.ofMillis(bounds.stepMillis())),
                groups);
    }

    private static Provenance provenance(
            WindowReading.GroupKey key, SortedMap<Long, Map<LabelSet, List<WindowData>>> byPoint, boolean isOverflow) {
        return key.isBucketed()
                ? new Provenance.Bucketed(schema(byPoint.values().stream()
                        .flatMap(series -> series.values().stream())
                        .flatMap(List::stream)))
                : isOverflow ? new Provenance.Overflow() : new Provenance.Exact();
    }

    private static String schema(Stream<WindowData> windows) {
        List<String> schemas = windows.map(window -> window.asBrackets().schema())
                .distinct()
                .limit(2)
                .toList();
        return schemas.size() == 1 ? schemas.getFirst() : "mixed";
    }

    /** Whose samples a group holds, and whether some of them came past the series limit. */
    private static void note(Map<String, Boolean> witnesses, LabelSet labels) {
        boolean isOverflow = labels.get(SeriesTable.OVERFLOW).isPresent();
        witnesses.merge(labels.get(Rivals.OBSERVER).orElse(""), isOverflow, Boolean::logicalOr);
    }

    private static <T> Answer.Point<T> point(
            long start, Collection<List<WindowData>> parts, Function<Collection<List<WindowData>>, T> value) {
        long clamped = 0;
        for (List<WindowData> series : parts) {
            for (WindowData part : series) {
                clamped += part.clampedCount();
            }
        }
        return new Answer.Point<>(Instant.ofEpochMilli(start), Evaluation.count(parts), clamped, value.apply(parts));
    }

    /**
     * Counts by time and value.
     *
     * @param columns at most so many steps; without a step, or with too short a one, it is made long enough
     */
    public Answer.Heatmap heatmap(Selection selection, QueryRange range, int columns) {
        Matching matching = new Matching(selection);
        long spread = Math.max(1, Duration.between(range.from(), range.to()).toMillis());
        // Widening to the grid may add a column at each end.
        long least = Math.ceilDiv(spread, Math.max(1, columns - 2));
        Duration step = Duration.ofMillis(
                Math.max(least, range.step().map(Duration::toMillis).orElse(least)));
        WindowReading.Bounds bounds = reading.bounds(QueryRange.stepped(range.from(), range.to(), step));
        Map<WindowReading.GroupKey, SortedMap<Long, Map<LabelSet, List<WindowData>>>> read =
                reading.read(matching, bounds);
        HeatmapRows rows = new HeatmapRows(HEATMAP_ROWS_AT_MOST);
        read.values()
                .forEach(points ->
                        points.values().forEach(series -> series.values().forEach(rows::include)));
        return new Answer.Heatmap(rows.bounds(matching.metric().unit()), answer(matching, bounds, read, rows::counts));
    }

    /** The merged histograms as a standard HdrHistogram log, V2 compressed, in the integer steps of the unit. */
    public void histogramLog(Selection selection, QueryRange range, OutputStream out) {
        Matching matching = new Matching(selection);
        HistogramLog log = new HistogramLog(matching.metric(), out);
        Answer<WindowData> answer = answer(
                matching,
                range,
                (bounds, parts) -> mergedOnce(parts).iterator().next().getFirst());
        log.begin(answer.from());
        log.write(answer);
    }

    /**
     * Several aggregates of each step in one reading, a stretch at a time, oldest first: a long range is never in memory
     * as a whole. Of rival observers each stretch has its own best.
     *
     * @return each answer is read when it is asked for; its bounds are its own
     */
    public Iterator<Answer<List<Bracket>>> rows(Selection selection, List<Aggregate> aggregates, QueryRange range) {
        Matching matching = new Matching(selection);
        aggregates.forEach(aggregate -> evaluation(matching, aggregate, 1));
        WindowReading.Bounds bounds = reading.bounds(range);
        List<Evaluation> each = aggregates.stream()
                .map(aggregate -> evaluation(matching, aggregate, bounds.pointSeconds()))
                .toList();
        return stretches(matching, bounds, parts -> {
            Collection<List<WindowData>> merged = matching.across() == Across.MERGE ? mergedOnce(parts) : parts;
            return each.stream().map(evaluation -> evaluation.of(merged)).toList();
        });
    }

    /** As {@link #histogramLog}, a stretch at a time; all of them in a row are one log. */
    public Iterator<byte[]> histogramLogs(Selection selection, QueryRange range) {
        Matching matching = new Matching(selection);
        WindowReading.Bounds bounds = reading.bounds(range);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        HistogramLog log = new HistogramLog(matching.metric(), out);
        log.begin(Instant.ofEpochMilli(bounds.fromMillis()));
        Iterator<Answer<WindowData>> answers = stretches(
                matching, bounds, parts -> mergedOnce(parts).iterator().next().getFirst());
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return answers.hasNext();
            }

            @Override
            public byte[] next() {
                log.write(answers.next());
                byte[] written = out.toByteArray();
                out.reset();
                return written;
            }
        };
    }

    private <T> Iterator<Answer<T>> stretches(
            Matching matching, WindowReading.Bounds bounds, Function<Collection<List<WindowData>>, T> value) {
        int series = Math.max(1, series(matching.metric().name()).size());
        int steps = Math.clamp(WINDOWS_AT_ONCE / series, LEAST_STEPS_AT_ONCE, MOST_STEPS_AT_ONCE);
        return bounds.stretches(steps).stream()
                .map(stretch -> answer(matching, stretch, reading.read(matching, stretch), value))
                .iterator();
    }

    /** The slowest requests of a latency metric, slowest first. Each window remembers its slowest few. */
    public List<Answer.Slow> slowest(Selection selection, QueryRange range, int limit) {
        Matching matching = new Matching(selection);
        WindowReading.Bounds bounds = reading.bounds(range);
        record Found(LabelSet labels, Exemplar exemplar) {}
        List<Found> found = new ArrayList<>();
        reading.read(matching, bounds)
                .values()
                .forEach(points -> points.values()
                        .forEach(series -> series.forEach((labels, parts) -> parts.forEach(part ->
                                part.exemplars().forEach(exemplar -> found.add(new Found(labels, exemplar)))))));
        return found.stream()
                .sorted(Comparator.comparing(Found::exemplar, Exemplar.SLOWEST_FIRST))
                .limit(limit)
                .map(slow -> new Answer.Slow(
                        slow.labels,
                        slow.exemplar.requestId(),
                        Instant.ofEpochMilli(slow.exemplar.epochMillis()),
                        matching.metric().unit().fromScaled((double) slow.exemplar.scaledValue())))
                .toList();
    }

    /** The past as rules that ask these questions would have seen it, from a moment on. */
    public PastWindows past(Collection<SignalQuery> questions, Instant from) {
        return new PastWindows(live, store, questions, from);
    }

    /** Every series of a metric that is live or stored. */
    public List<Answer.SeriesInfo> series(String metric) {
        Map<LabelSet, Answer.SeriesInfo> found = new LinkedHashMap<>();
        for (WindowStore.StoredSeries stored : store.series(metric)) {
            LabelSet labels = stored.key().labels();
            found.put(
                    labels,
                    info(
                            labels,
                            Optional.of(new Answer.Stored(
                                    Instant.ofEpochMilli(stored.firstEpochMillis()),
                                    Instant.ofEpochMilli(stored.lastEpochMillis()))),
                            false));
        }
        for (LabelSet labels : live.liveSeries(metric)) {
            Answer.SeriesInfo known = found.get(labels);
            found.put(labels, info(labels, known == null ? Optional.empty() : known.stored(), true));
        }
        return found.values().stream()
                .sorted(Comparator.comparing(info -> info.labels().toString()))
                .toList();
    }

    private static Answer.SeriesInfo info(LabelSet labels, Optional<Answer.Stored> stored, boolean isLive) {
        return new Answer.SeriesInfo(labels, labels.get(SeriesTable.OVERFLOW).isPresent(), stored, isLive);
    }
}
