package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.SeriesTotals;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Sees a deploy in the requests themselves: a model on a server answers under a {@code model_version} that was not heard
 * there for ten minutes, and another was heard last. Two versions side by side are one deploy, not many. One thread.
 */
final class VersionWatch {
    static final String METRIC = "llm.requests";

    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(10);
    private static final Set<String> PLACE = Set.of("model", "server");
    private static final String VERSION = "model_version";
    private static final int MOST_PLACES = 2_000;

    /** By model and server when each version was heard last. */
    private final Map<LabelSet, Map<String, Instant>> heard = new HashMap<>();

    /** @param known the series of {@link #METRIC} there were before */
    VersionWatch(Collection<Answer.SeriesInfo> known) {
        known.forEach(series -> series.stored().ifPresent(stored -> hear(heard, series.labels(), stored.last())));
    }

    private static void hear(Map<LabelSet, Map<String, Instant>> into, LabelSet labels, Instant at) {
        labels.get(VERSION)
                .ifPresent(version -> into.computeIfAbsent(labels.only(PLACE), place -> new HashMap<>())
                        .merge(version, at, (a, b) -> a.isBefore(b) ? b : a));
    }

    /** @return a mark for each place where another version came into service since the last look */
    List<Mark> look(Collection<SeriesTotals> totals, Instant now) {
        Map<LabelSet, Map<String, Instant>> present = new HashMap<>();
        for (SeriesTotals series : totals) {
            if (series.metric().name().equals(METRIC)) {
                hear(present, series.labels(), series.lastAt());
            }
        }
        List<Mark> marks = new ArrayList<>();
        present.forEach((place, versions) -> {
            Map<String, Instant> before = heard.getOrDefault(place, Map.of());
            versions.forEach((version, at) -> {
                if (isNews(version, at, before)) {
                    LabelSet labels = place.plus(LabelSet.of(VERSION, version));
                    marks.add(new Mark(now, Mark.DEPLOY, labels, "model_version changed to " + version));
                }
            });
            if (heard.size() < MOST_PLACES || heard.containsKey(place)) {
                heard.computeIfAbsent(place, made -> new HashMap<>()).putAll(versions);
            }
        });
        return marks;
    }

    private static boolean isNews(String version, Instant at, Map<String, Instant> before) {
        Instant own = before.getOrDefault(version, Instant.EPOCH);
        boolean anotherWasLast = before.values().stream().anyMatch(other -> other.isAfter(own));
        return anotherWasLast && own.plus(FORGOTTEN_AFTER).isBefore(at);
    }
}
