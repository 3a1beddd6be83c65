package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the GPUs did in the window of an alert or at the moment of a slow request: those of its server where GPU series
 * bear servers' names, else all of the host.
 */
@Singleton
final class GpuJoin {
    /** Around one request: windows are of ten seconds. */
    private static final Duration AROUND = Duration.ofSeconds(10);

    private static final Duration ALERT_WINDOW = Duration.ofMinutes(5);
    private static final List<String> BY = List.of("gpu", "uuid", "server");

    private final Live live;

    GpuJoin(Live live) {
        this.live = live;
    }

    /** One GPU's window. Absent numbers were not measured. */
    private static final class State {
        private final LabelSet labels;
        private final Map<String, Double> values = new TreeMap<>();
        private final Map<String, Double> throttled = new TreeMap<>();

        private State(LabelSet labels) {
            this.labels = labels;
        }
    }

    /**
     * The last five minutes of the GPUs of an alert.
     *
     * @param labels the alert's
     */
    List<Map<String, @Nullable Object>> ofAlert(LabelSet labels) {
        if (labels.get("gpu").isPresent()) {
            return List.of();
        }
        Instant now = live.parts().clock().instant();
        return in(labels, now.minus(ALERT_WINDOW), now);
    }

    /**
     * The moment of a request.
     *
     * @param labels its series'
     */
    List<Map<String, @Nullable Object>> ofRequest(LabelSet labels, Instant at) {
        return in(labels, at.minus(AROUND), at);
    }

    private List<Map<String, @Nullable Object>> in(LabelSet labels, Instant from, Instant to) {
        Map<String, State> byUuid = new HashMap<>();
        QueryRange range = QueryRange.whole(from, to);
        gather(byUuid, "gpu.sm.utilization", Aggregate.Basic.AVG, BY, range, "sm_percent");
        gather(byUuid, "gpu.dram.active", Aggregate.Basic.AVG, BY, range, "dram_percent");
        gather(byUuid, "gpu.power", Aggregate.Basic.AVG, BY, range, "power_watts");
        gather(byUuid, "gpu.xid", Aggregate.Basic.SUM, BY, range, "xids");
        Answer<Bracket> throttle =
                asked("gpu.throttle", Aggregate.Basic.SUM, List.of("gpu", "uuid", "server", "reason"), range);
        // The bounds used, which are wider than those asked for.
        double seconds =
                Math.max(1, Duration.between(throttle.from(), throttle.to()).toMillis() / 1000.0);
        for (Answer.Group<Bracket> group : throttle.groups()) {
            double share = Math.min(1, estimate(group) / seconds);
            String reason = group.labels().get("reason").orElse("");
            if (share > 0 && !reason.isEmpty()) {
                state(byUuid, group.labels()).throttled.merge(reason, share, Double::sum);
            }
        }
        return own(labels, List.copyOf(byUuid.values())).stream()
                .sorted((one, two) -> gpu(one).compareTo(gpu(two)))
                .map(GpuJoin::shape)
                .toList();
    }

    /** An alert on one server names its own GPUs and no others. */
    private static List<State> own(LabelSet labels, List<State> all) {
        Optional<String> server = labels.get("server");
        boolean areNamed =
                all.stream().anyMatch(state -> state.labels.get("server").isPresent());
        return server.isEmpty() || !areNamed
                ? all
                : all.stream()
                        .filter(state -> state.labels.get("server").equals(server))
                        .toList();
    }

    private void gather(
            Map<String, State> byUuid,
            String metric,
            Aggregate.Basic aggregate,
            List<String> by,
            QueryRange range,
            String key) {
        for (Answer.Group<Bracket> group : asked(metric, aggregate, by, range).groups()) {
            state(byUuid, group.labels()).values.merge(key, estimate(group), Math::max);
        }
    }

    private Answer<Bracket> asked(String metric, Aggregate.Basic aggregate, List<String> by, QueryRange range) {
        Queries queries = live.parts().queries();
        Selection selection =
                new Selection(MetricCatalogue.require(metric), List.of(), by, Across.DEFAULT, Optional.empty());
        return queries.aggregate(selection, aggregate, range);
    }

    private static State state(Map<String, State> byUuid, LabelSet labels) {
        String key = labels.get("uuid").orElse("") + " " + labels.get("server").orElse("");
        return byUuid.computeIfAbsent(key, made -> new State(labels));
    }

    private static double estimate(Answer.Group<Bracket> group) {
        return group.points().isEmpty() ? 0 : group.points().getFirst().value().estimate();
    }

    private static String gpu(State state) {
        return state.labels.get("gpu").orElse("");
    }

    private static Map<String, @Nullable Object> shape(State state) {
        Shape shape = Shape.object()
                .with("gpu", gpu(state))
                .with("uuid", state.labels.get("uuid"))
                .with("server", state.labels.get("server"));
        state.values.forEach(shape::with);
        List<String> words = words(state);
        return shape.with("throttled", state.throttled)
                .with("words", words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words)))
                .done();
    }

    /** What may explain a slow request, as a sentence. */
    private static List<String> words(State state) {
        List<String> words = new ArrayList<>();
        double thermal =
                state.throttled.getOrDefault("hw_thermal", 0.0) + state.throttled.getOrDefault("sw_thermal", 0.0);
        double brake = state.throttled.getOrDefault("hw_power_brake", 0.0);
        if (thermal >= 0.01) {
            words.add(said(state, "was thermally throttled", Math.min(1, thermal)));
        }
        if (brake >= 0.01) {
            words.add(said(state, "was slowed by the power brake", brake));
        }
        double xids = state.values.getOrDefault("xids", 0.0);
        if (xids > 0) {
            words.add(String.format(Locale.ROOT, "GPU %s reported %.0f XID errors", gpu(state), xids));
        }
        return words;
    }

    private static String said(State state, String what, double share) {
        return String.format(Locale.ROOT, "GPU %s %s %.0f %% of the window", gpu(state), what, 100 * share);
    }
}
