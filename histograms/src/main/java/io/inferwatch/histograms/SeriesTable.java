package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All live series by metric and labels, within the limits. Who gets a slot depends on records alone, so a replay decides
 * as the first run did. Guarded by the store's lock.
 */
final class SeriesTable {
    static final long IDLE_MILLIS = 3_600_000;
    static final String OVERFLOW = "overflow";

    private static final Set<String> OVERFLOW_KEEPS = Set.of("host", "model", History.LABEL);
    private static final int MAX_OVERFLOW_SERIES_PER_METRIC = 64;
    private static final int MAX_REMEMBERED = 4_096;
    private static final long SWEEP_MILLIS = 60_000;
    /** Records are placed at most 60 s after their receive time; a window of 10 s may lie around that. */
    private static final long AHEAD_MILLIS = 70_000;

    /** The series of one metric. */
    static final class OfMetric {
        final Metric metric;
        final Map<LabelSet, Series> byLabels = new HashMap<>();
        private final Map<LabelSet, Series> overflow = new HashMap<>();
        private final Map<LabelSet, Series> overflowOf = new HashMap<>();
        private List<Matching> readers;
        private @Nullable LabelSet lastLabels;
        private @Nullable Series lastSeries;

        OfMetric(Metric metric, List<Matching> readers) {
            this.metric = metric;
            this.readers = readers;
        }

        /** Overflow series too. */
        Collection<Series> all() {
            List<Series> all = new ArrayList<>(byLabels.values());
            all.addAll(overflow.values());
            return all;
        }

        private void forgetLast() {
            lastLabels = null;
            lastSeries = null;
        }
    }

    private final HistogramsConfig config;
    private final WindowStore store;
    private final IdentityHashMap<Metric, OfMetric> byMetric = new IdentityHashMap<>();
    private final Map<String, OfMetric> byName = new HashMap<>();
    private final Map<String, List<Matching>> readersByMetric = new HashMap<>();
    private final Map<String, Source> sources = new HashMap<>();
    private Set<String> withPanes = Set.of();
    private int live;
    private long sweptMillis = Long.MIN_VALUE;
    private long noneIdleBeforeMillis = Long.MIN_VALUE;

    SeriesTable(HistogramsConfig config, WindowStore store) {
        this.config = config;
        this.store = store;
    }

    /**
     * @param hadRows whether the database held rows at the start: then the series they tell of held their slots, though
     *     replay may come past none of their samples
     * @return the series, or the overflow series when there is no slot for a new one
     */
    @SuppressWarnings("ReferenceEquality") // a shortcut: equal label sets are the same instance as often as can be
    Series find(Metric metric, LabelSet labels, long receivedMillis, boolean hadRows) {
        OfMetric ofMetric = byMetric.get(metric);
        if (ofMetric == null) {
            ofMetric = ofMetric(metric, receivedMillis, hadRows);
        }
        Series series = ofMetric.lastSeries;
        if (series == null || ofMetric.lastLabels != labels) {
            series = ofMetric.byLabels.get(labels);
            if (series == null) {
                series = admit(ofMetric, labels, receivedMillis);
            }
            ofMetric.lastLabels = labels;
            ofMetric.lastSeries = series;
        }
        series.lastReceivedMillis = receivedMillis;
        return series;
    }

    private OfMetric ofMetric(Metric metric, long receivedMillis, boolean hadRows) {
        OfMetric known = byName.get(metric.name());
        if (known == null) {
            known = new OfMetric(metric, readersByMetric.getOrDefault(metric.name(), List.of()));
            byName.put(metric.name(), known);
            if (hadRows) {
                readmitStored(known, receivedMillis);
            }
        }
        if (byMetric.size() >= MAX_REMEMBERED) {
            byMetric.clear();
        }
        byMetric.put(metric, known);
        return known;
    }

    private void readmitStored(OfMetric ofMetric, long receivedMillis) {
        for (WindowStore.StoredSeries stored : store.series(ofMetric.metric.name())) {
            long lastMillis = stored.lastEpochMillis() + Resolution.TEN_SECONDS.millis();
            if (receivedMillis - lastMillis < IDLE_MILLIS) {
                LabelSet labels = stored.key().labels();
                boolean isOverflow = labels.get(OVERFLOW).isPresent();
                Series series = make(ofMetric, labels, receivedMillis, isOverflow);
                series.lastReceivedMillis = Math.min(lastMillis, receivedMillis);
            }
        }
    }

    private Series admit(OfMetric ofMetric, LabelSet labels, long receivedMillis) {
        if (isFull(ofMetric) && receivedMillis >= noneIdleBeforeMillis) {
            sweep(receivedMillis);
        }
        return isFull(ofMetric)
                ? overflowFor(ofMetric, labels, receivedMillis)
                : make(ofMetric, labels, receivedMillis, false);
    }

    private boolean isFull(OfMetric ofMetric) {
        return ofMetric.byLabels.size() >= config.maxSeriesPerMetric() || live >= config.maxSeries();
    }

    private Series overflowFor(OfMetric ofMetric, LabelSet labels, long receivedMillis) {
        Series known = ofMetric.overflowOf.get(labels);
        if (known == null) {
            LabelSet kept = labels.only(OVERFLOW_KEEPS).plus(LabelSet.of(OVERFLOW, "true"));
            if (!ofMetric.overflow.containsKey(kept) && ofMetric.overflow.size() >= MAX_OVERFLOW_SERIES_PER_METRIC) {
                kept = kept.only(Set.of("host", OVERFLOW, History.LABEL));
            }
            known = ofMetric.overflow.get(kept);
            if (known == null) {
                known = make(ofMetric, kept, receivedMillis, true);
            }
            if (ofMetric.overflowOf.size() >= MAX_REMEMBERED) {
                ofMetric.overflowOf.clear();
            }
            ofMetric.overflowOf.put(labels, known);
        }
        return known;
    }

    private Series make(OfMetric ofMetric, LabelSet labels, long receivedMillis, boolean isOverflow) {
        Source source = sources.computeIfAbsent(Source.nameOf(ofMetric.metric, labels), Source::new);
        Series made = new Series(ofMetric.metric, labels, source, isOverflow, receivedMillis + AHEAD_MILLIS);
        made.lastReceivedMillis = receivedMillis;
        letRead(made, ofMetric.readers);
        if (isOverflow) {
            ofMetric.overflow.put(labels, made);
        } else {
            ofMetric.byLabels.put(labels, made);
            live++;
        }
        return made;
    }

    /** Gives back the slots of idle series, each minute of journal time. */
    void sweepIfDue(long receivedMillis) {
        if (receivedMillis - sweptMillis >= SWEEP_MILLIS || sweptMillis == Long.MIN_VALUE) {
            sweptMillis = Math.floorDiv(receivedMillis, SWEEP_MILLIS) * SWEEP_MILLIS;
            sweep(receivedMillis);
        }
    }

    private void sweep(long receivedMillis) {
        long oldest = receivedMillis;
        for (OfMetric ofMetric : byName.values()) {
            int before = ofMetric.byLabels.size();
            ofMetric.byLabels.values().removeIf(series -> mayGo(series, receivedMillis));
            int gone = before - ofMetric.byLabels.size();
            if (gone > 0) {
                live -= gone;
                ofMetric.overflowOf.clear();
                ofMetric.forgetLast();
            }
            if (ofMetric.overflow.values().removeIf(series -> mayGo(series, receivedMillis))) {
                ofMetric.overflowOf.clear();
                ofMetric.forgetLast();
            }
            for (Series series : ofMetric.byLabels.values()) {
                oldest = Math.min(oldest, series.lastReceivedMillis);
            }
        }
        noneIdleBeforeMillis = oldest + IDLE_MILLIS;
    }

    private static boolean mayGo(Series series, long receivedMillis) {
        return series.isIdle(receivedMillis) && series.open.isEmpty() && series.unsaved.isEmpty();
    }

    /** Whether a rule reads single seconds of this metric. */
    boolean keepsPanes(Metric metric) {
        return withPanes.contains(metric.name());
    }

    /**
     * From now on, exactly these series are read by rules.
     *
     * @param metricsWithPanes those of which single seconds are read
     */
    void setReaders(Map<String, List<Matching>> readers, Set<String> metricsWithPanes) {
        withPanes = metricsWithPanes;
        readersByMetric.clear();
        readersByMetric.putAll(readers);
        for (OfMetric ofMetric : byName.values()) {
            ofMetric.readers = readers.getOrDefault(ofMetric.metric.name(), List.of());
            ofMetric.all().forEach(series -> letRead(series, ofMetric.readers));
        }
    }

    private static void letRead(Series series, List<Matching> readers) {
        boolean isRead = !History.isHistory(series.key.labels())
                && readers.stream().anyMatch(reader -> reader.matches(series.key.labels()));
        if (!isRead) {
            series.panes = null;
        } else if (series.panes == null) {
            series.panes = new RulePanes();
        }
    }

    /** Live series of this metric, the overflow series too. */
    Collection<Series> of(String metric) {
        OfMetric ofMetric = byName.get(metric);
        return ofMetric == null ? List.of() : ofMetric.all();
    }

    /** Every live series, the overflow series too. */
    void forEach(Consumer<Series> action) {
        byName.values().forEach(ofMetric -> {
            ofMetric.byLabels.values().forEach(action);
            ofMetric.overflow.values().forEach(action);
        });
    }

    /** When each source was last heard of; one that never was is not in it. */
    Map<String, Long> sourcesHeard() {
        Map<String, Long> heard = new HashMap<>();
        for (Source source : sources.values()) {
            if (source.lastReceivedMillis != Source.NEVER_MILLIS) {
                heard.put(source.name, source.lastReceivedMillis);
            }
        }
        return heard;
    }

    int live() {
        return live;
    }
}
