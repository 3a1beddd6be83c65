package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stored windows as rules would have seen them, moment by moment: what {@link TelemetryStore#cut} answers now, answered
 * for the past. Unlike there, samples sent in afterwards are among them: history is what is asked about.
 *
 * <p>The past is coarser than the present was: 10 s windows at best, wider ones where only those are still kept. What
 * cannot be told from them is {@link Sample.Missing} and named by {@link Moment#isTooCoarse}. Used by one thread.
 */
public final class PastWindows {
    /** Besides what rules read: series by which it is known that the sidecar ran and which sources answered. */
    private static final List<String> WITNESSES =
            List.of("inferwatch.apply.lag", "server.up", "gpu.up", "llm.running", "llm.requests");

    private static final List<Resolution> FINE_FIRST = List.of(Resolution.values());
    private static final long CHUNK_MILLIS = Resolution.HOUR.millis();
    /** Without a sign of life for so long, or two windows, nothing was running. */
    private static final long SILENCE_MILLIS = 120_000;

    private final TelemetryStore live;
    private final WindowStore store;
    private final Retention retention;
    private final RuleWindows windows = new RuleWindows();
    private final Map<String, List<SeriesKey>> keys = new LinkedHashMap<>();
    private final Map<String, Long> heard = new HashMap<>();
    private final long oldestMillis;
    private List<Piece> pieces = List.of();
    private int next;
    private long loadedToMillis;
    private long lastHeardMillis = Long.MIN_VALUE / 2;

    private record Piece(SeriesKey key, long startMillis, long endMillis, WindowData data) {}

    /** What rules see at one moment, and how well. */
    public interface Moment extends MetricView {
        /** Whether the windows still kept are too wide for the range of this question. */
        boolean isTooCoarse(SignalQuery query);

        /** Whether there is any sign that the sidecar was running: without one nothing would have been evaluated. */
        boolean wasRunning();
    }

    PastWindows(TelemetryStore live, WindowStore store, Collection<SignalQuery> queries, Instant from) {
        this.live = live;
        this.store = store;
        this.retention = Retention.of(queries);
        this.oldestMillis = store.keptFrom(Resolution.HOUR);
        Map<String, MetricWindows> fresh = new HashMap<>();
        retention.byMetric().forEach((metric, of) -> fresh.put(metric, new MetricWindows(of, Long.MAX_VALUE)));
        windows.install(retention, fresh);
        Set<String> metrics = new HashSet<>(retention.byMetric().keySet());
        metrics.addAll(WITNESSES);
        metrics.forEach(metric -> keys.put(metric, new ArrayList<>()));
        loadedToMillis = Resolution.HOUR.startOf(from.toEpochMilli());
        findSeries(from.toEpochMilli());
        live.readConsistently(() -> {
            warm(loadedToMillis);
            return keys;
        });
    }

    private void findSeries(long fromMillis) {
        keys.forEach((metric, found) -> {
            for (WindowStore.StoredSeries stored : store.series(metric)) {
                LabelSet labels = stored.key().labels();
                boolean mayMatter = stored.lastEpochMillis() >= fromMillis - reachMillis(metric) - CHUNK_MILLIS;
                windows.of(metric).ifPresent(own -> own.wasSeen(labels));
                if (mayMatter && (isRead(metric, labels) || WITNESSES.contains(metric))) {
                    found.add(stored.key());
                }
            }
        });
    }

    private long reachMillis(String metric) {
        Retention.OfMetric of = retention.byMetric().get(metric);
        return of == null ? 0 : of.longestMillis();
    }

    private boolean isRead(String metric, LabelSet labels) {
        Retention.OfMetric of = retention.byMetric().get(metric);
        return of != null && of.selections().values().stream().anyMatch(matching -> matching.matches(labels));
    }

    /** What ranges that reach back before {@code to}, a full hour, need of the time before it. */
    private void warm(long to) {
        retention.byMetric().forEach((metric, of) -> {
            for (int level = 1; level < Span.LEVELS; level++) {
                long kept = of.keptMillis()[level];
                if (kept > 0) {
                    Resolution width = FINE_FIRST.get(level - 1);
                    warm(metric, level, width.startOf(to - Math.max(kept, width.millis())), to, level);
                }
            }
            for (Unwritten window : live.unwritten(metric, labels -> isRead(metric, labels), Long.MIN_VALUE, to)) {
                feed(new Piece(window.key(), window.startMillis(), window.startMillis(), window.data()));
            }
        });
    }

    /** Into one level: from rows of its width as far as they reach, from finer ones beyond, coarser ones before. */
    private void warm(String metric, int level, long from, long to, int rowsLevel) {
        Resolution rows = atLeast(FINE_FIRST.get(rowsLevel - 1), from);
        long end = Math.clamp(rows.startOf(store.rolledUpTo(rows)), from, to);
        if (end > from) {
            store.read(keys.getOrDefault(metric, List.of()), rows, from, end, (series, start, data) -> {
                if (isRead(metric, series.labels())) {
                    windows.of(metric)
                            .ifPresent(own ->
                                    own.keep(series.labels(), sourceOf(series)).addTo(level, start, data));
                }
            });
        }
        if (end < to && rowsLevel > 1) {
            warm(metric, level, end, to, rowsLevel - 1);
        }
    }

    private Resolution atLeast(Resolution wanted, long fromMillis) {
        Resolution kept = keptAt(fromMillis);
        return kept.millis() > wanted.millis() ? kept : wanted;
    }

    /** The finest windows still kept of a moment. */
    private Resolution keptAt(long millis) {
        return FINE_FIRST.stream()
                .filter(resolution -> store.keptFrom(resolution) <= millis)
                .findFirst()
                .orElse(Resolution.HOUR);
    }

    /** The oldest moment of which anything is kept. */
    public Instant oldest() {
        return Instant.ofEpochMilli(Math.max(0, oldestMillis));
    }

    /** How wide the windows of a moment are: nothing is known of what was within one. */
    public Duration widthAt(Instant t) {
        return Duration.ofMillis(keptAt(t.toEpochMilli()).millis());
    }

    /**
     * What was to be seen then. Not to be used any more after the next call.
     *
     * @param t a multiple of {@link #widthAt}; never before that of the last call
     * @throws UnfitQueryException when the rules read more than there is memory for
     */
    public Moment at(Instant t) {
        long now = t.toEpochMilli();
        while (loadedToMillis < now) {
            feedUntil(loadedToMillis);
            load();
        }
        feedUntil(now);
        windows.forgetIdle(now);
        return new View(new Cut(t, windows, heard), now);
    }

    private void load() {
        if (windows.heapBytes() > Runtime.getRuntime().maxMemory() / 6) {
            throw new UnfitQueryException("the rules read more series than there is memory for; try fewer of them");
        }
        long from = loadedToMillis;
        long to = from + CHUNK_MILLIS;
        Resolution rows = keptAt(from);
        List<Piece> loaded = new ArrayList<>();
        live.readConsistently(() -> {
            keys.forEach((metric, series) -> {
                if (!series.isEmpty()) {
                    store.read(
                            series,
                            rows,
                            from,
                            to,
                            (key, start, data) -> loaded.add(new Piece(key, start, start + rows.millis(), data)));
                }
                for (Unwritten window : live.unwritten(metric, labels -> true, from, to)) {
                    long end = window.startMillis() + Resolution.TEN_SECONDS.millis();
                    loaded.add(new Piece(window.key(), window.startMillis(), end, window.data()));
                }
            });
            return loaded;
        });
        loaded.sort(Comparator.comparingLong(Piece::endMillis));
        pieces = loaded;
        next = 0;
        loadedToMillis = to;
    }

    private void feedUntil(long millis) {
        while (next < pieces.size() && pieces.get(next).endMillis <= millis) {
            feed(pieces.get(next++));
        }
    }

    private void feed(Piece piece) {
        String metric = piece.key.metric();
        heard.merge(sourceOf(piece.key), piece.data.lastEpochMillis(), Math::max);
        lastHeardMillis = Math.max(lastHeardMillis, piece.endMillis);
        if (isRead(metric, piece.key.labels())) {
            windows.of(metric)
                    .ifPresent(own ->
                            own.keep(piece.key.labels(), sourceOf(piece.key)).addWindow(piece.startMillis, piece.data));
        }
    }

    private static String sourceOf(SeriesKey key) {
        return MetricCatalogue.find(key.metric())
                .map(metric -> Source.nameOf(metric, key.labels()))
                .orElse(Source.PUSH);
    }

    /** A cut that says so where it cannot know. */
    private final class View implements Moment {
        private final Cut cut;
        private final long nowMillis;

        View(Cut cut, long nowMillis) {
            this.cut = cut;
            this.nowMillis = nowMillis;
        }

        @Override
        public Instant at() {
            return cut.at();
        }

        @Override
        public List<GroupSample> evaluate(SignalQuery query) {
            List<GroupSample> samples = cut.evaluate(query);
            if (!isTooCoarse(query)) {
                return samples;
            }
            String width = Span.words(Duration.ofMillis(widthMillis(query)));
            Sample unknown = new Sample.Missing(
                    "only windows of " + width + " are kept of then: too coarse for " + Span.words(query.over()));
            return samples.stream()
                    .map(sample -> new GroupSample(sample.labels(), unknown, sample.over()))
                    .toList();
        }

        /** A range that begins within a window, unless it would not have been laid more finely when it was new. */
        @Override
        public boolean isTooCoarse(SignalQuery query) {
            long width = widthMillis(query);
            long grain = Span.width(
                    Math.max(1, Span.grain(query.over().plus(query.delay()).toMillis())));
            return (width > grain && startMillis(query) % width != 0)
                    || query.over().toMillis() % Resolution.TEN_SECONDS.millis() != 0
                    || query.delay().toMillis() % Math.min(width, grain) != 0;
        }

        private long widthMillis(SignalQuery query) {
            return keptAt(startMillis(query)).millis();
        }

        private long startMillis(SignalQuery query) {
            return nowMillis - query.over().plus(query.delay()).toMillis();
        }

        @Override
        public boolean everMatched(Selection selection) {
            return cut.everMatched(selection);
        }

        @Override
        public boolean isSourceLive(Selection selection) {
            return cut.isSourceLive(selection);
        }

        @Override
        public boolean wasRunning() {
            long silence = Math.max(SILENCE_MILLIS, 2 * keptAt(nowMillis).millis());
            return nowMillis - lastHeardMillis <= silence;
        }
    }
}
