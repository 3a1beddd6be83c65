package io.inferwatch.histograms;

import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What the rules in force read: which metrics, which of their series, and for how long. Immutable. */
record Retention(Map<String, OfMetric> byMetric) {
    static final Retention NOTHING = new Retention(Map.of());

    /** @param keptMillis by level of {@link Level}; 0: not kept */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OfMetric(Metric metric, Map<Selection, Matching> selections, long[] keptMillis) {
        /** Whether what is kept for this serves that as well. */
        boolean covers(OfMetric other) {
            for (int i = 0; i < keptMillis.length; i++) {
                if (keptMillis[i] < other.keptMillis[i]) {
                    return false;
                }
            }
            return selections.keySet().containsAll(other.selections.keySet());
        }

        long longestMillis() {
            return Arrays.stream(keptMillis).max().orElse(0);
        }
    }

    static Retention of(Collection<SignalQuery> queries) {
        Map<String, OfMetric> byMetric = new HashMap<>();
        for (SignalQuery query : queries) {
            Selection selection = query.selection();
            OfMetric one =
                    new OfMetric(selection.metric(), Map.of(selection, new Matching(selection)), Span.kept(query));
            byMetric.merge(selection.metric().name(), one, Retention::both);
        }
        return new Retention(Map.copyOf(byMetric));
    }

    private static OfMetric both(OfMetric one, OfMetric other) {
        Map<Selection, Matching> selections = new LinkedHashMap<>(one.selections);
        selections.putAll(other.selections);
        return new OfMetric(one.metric, selections, Span.longer(one.keptMillis, other.keptMillis));
    }

    /** The metrics of which some rule reads single seconds. */
    Set<String> withPanes() {
        return byMetric.entrySet().stream()
                .filter(entry -> entry.getValue().keptMillis[0] > 0)
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }

    Map<String, List<Matching>> readers() {
        Map<String, List<Matching>> readers = new HashMap<>();
        byMetric.forEach((metric, of) -> readers.put(metric, new ArrayList<>(of.selections.values())));
        return readers;
    }
}
