package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is kept of one metric for the rules that read it. Used by one thread at a time. */
final class MetricWindows {
    /** The series of one group. */
    record Group(LabelSet labels, List<KeptSeries> series) {}

    final Retention.OfMetric retention;
    /** Panes are whole from here on; a range that begins earlier is taken from wider windows. */
    private long panesFromMillis;

    private final Map<LabelSet, KeptSeries> series = new LinkedHashMap<>();
    private final Map<Selection, List<Group>> groups = new HashMap<>();
    private final Map<Selection, Boolean> everMatched = new HashMap<>();

    MetricWindows(Retention.OfMetric retention, long panesFromMillis) {
        this.retention = retention;
        this.panesFromMillis = panesFromMillis;
        retention.selections().keySet().forEach(selection -> everMatched.put(selection, false));
    }

    KeptSeries keep(LabelSet labels, String source) {
        KeptSeries known = series.get(labels);
        if (known == null) {
            known = new KeptSeries(labels, source, retention.keptMillis());
            series.put(labels, known);
            groups.clear();
            wasSeen(labels);
        }
        return known;
    }

    /** A series of these labels exists or once did. */
    void wasSeen(LabelSet labels) {
        everMatched.replaceAll(
                (selection, matched) -> matched || matching(selection).matches(labels));
    }

    boolean everMatched(Selection selection) {
        Boolean known = everMatched.get(selection);
        if (known != null) {
            return known;
        }
        Matching matching = matching(selection);
        return series.keySet().stream().anyMatch(matching::matches);
    }

    Matching matching(Selection selection) {
        Matching known = retention.selections().get(selection);
        return known != null ? known : new Matching(selection);
    }

    List<Group> groups(Selection selection) {
        return groups.computeIfAbsent(selection, asked -> {
            Matching matching = matching(asked);
            Map<LabelSet, List<KeptSeries>> found = new LinkedHashMap<>();
            for (KeptSeries each : series.values()) {
                if (matching.matches(each.labels)) {
                    found.computeIfAbsent(matching.groupOf(each.labels), labels -> new ArrayList<>())
                            .add(each);
                }
            }
            return found.entrySet().stream()
                    .map(entry -> new Group(entry.getKey(), entry.getValue()))
                    .toList();
        });
    }

    Collection<KeptSeries> all() {
        return series.values();
    }

    /** Panes can only be had from the samples themselves; those at hand are taken over. */
    void takePanesOf(MetricWindows before) {
        boolean covers = true;
        for (KeptSeries each : series.values()) {
            KeptSeries same = before.series.get(each.labels);
            if (same != null) {
                each.takePanesOf(same);
            }
            covers &= same != null;
        }
        if (covers) {
            panesFromMillis = Math.min(panesFromMillis, before.panesFromMillis);
        }
    }

    int dropPanes() {
        panesFromMillis = Long.MAX_VALUE;
        return series.values().stream().mapToInt(KeptSeries::dropPanes).sum();
    }

    boolean hasPanes() {
        return panesFromMillis != Long.MAX_VALUE;
    }

    /** The finest grain in which a range that begins here can be answered. */
    int grainFrom(int wanted, long fromMillis) {
        return wanted == 0 && fromMillis < panesFromMillis ? 1 : wanted;
    }

    void forgetIdle(long nowMillis) {
        long longest = Math.max(SeriesTable.IDLE_MILLIS, retention.longestMillis());
        if (series.values().removeIf(each -> each.lastSampleMillis < nowMillis - longest)) {
            groups.clear();
        }
    }

    long heapBytes() {
        long bytes = 0;
        for (KeptSeries each : series.values()) {
            bytes += each.heapBytes();
        }
        return bytes;
    }
}
