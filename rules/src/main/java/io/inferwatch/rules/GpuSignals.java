package io.inferwatch.rules;

import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.yaml.Durations;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What an alert about requests asks of the GPUs, so that its message can name the one that was slow. */
public final class GpuSignals {
    public static final String SM = "gpu.sm.utilization";
    public static final String DRAM = "gpu.dram.active";
    public static final String POWER = "gpu.power";
    public static final String XID = "gpu.xid";
    public static final String THROTTLE = "gpu.throttle";

    /** All that a {@link GpuWindow} is made of. */
    public static final List<String> METRICS = List.of(SM, DRAM, POWER, XID, THROTTLE);

    /** Of one GPU each, under the server it serves. */
    public static final List<String> BY = List.of("gpu", "uuid", "server");

    private static final Duration SHORTEST = Duration.ofSeconds(10);

    /** What is kept in memory for it is bounded; a longer window is answered by its end. */
    private static final Duration LONGEST = Duration.ofMinutes(15);

    /** Of a rule that looks at other rules only. */
    private static final Duration OF_REFERENCES = Duration.ofMinutes(5);

    private GpuSignals() {}

    /** The labels that make the groups of one of {@link #METRICS}. */
    public static List<String> by(String metric) {
        return metric.equals(THROTTLE)
                ? Stream.concat(BY.stream(), Stream.of("reason")).toList()
                : BY;
    }

    /** One signal for each of {@link #METRICS}, in that order. */
    public static List<Signal> over(Duration over) {
        return METRICS.stream().map(metric -> signal(metric, over)).toList();
    }

    private static Signal signal(String metric, Duration over) {
        Aggregate aggregate = switch (metric) {
            case XID -> Aggregate.Basic.SUM;
            // Seconds a second are the share of the window.
            case THROTTLE -> Aggregate.Basic.RATE;
            default -> Aggregate.Basic.AVG;
        };
        Selection selection =
                new Selection(MetricCatalogue.require(metric), List.of(), by(metric), Across.DEFAULT, Optional.empty());
        SignalQuery query = new SignalQuery(selection, aggregate, over, over, 0, Duration.ZERO);
        return new Signal.Measured(metric + " over " + Durations.format(over), query, Unit.NONE, false);
    }

    /**
     * The window that alerts of this rule tell of their GPUs: the longest the rule looks at, at least 10 s and at most
     * 15 min.
     *
     * @return absent where the rule is not about requests or model servers
     */
    public static Optional<Duration> windowOf(Rule rule) {
        boolean refers = rule.conditions()
                .flatMap(condition -> condition.leaves().stream())
                .anyMatch(leaf -> leaf.referredRules().findAny().isPresent());
        Optional<Duration> own = rule.conditions()
                .flatMap(Condition::signals)
                .flatMap(Signal::queries)
                .filter(query -> isAboutRequests(query.selection().metric().name()))
                .map(SignalQuery::over)
                .max(Duration::compareTo);
        return own.map(GpuSignals::bounded).or(() -> refers ? Optional.of(OF_REFERENCES) : Optional.empty());
    }

    private static boolean isAboutRequests(String metric) {
        return metric.startsWith("llm.") || metric.startsWith("server.");
    }

    private static Duration bounded(Duration over) {
        Duration atLeast = over.compareTo(SHORTEST) < 0 ? SHORTEST : over;
        return atLeast.compareTo(LONGEST) > 0 ? LONGEST : atLeast;
    }
}
