package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.collector.catalogue.MetricUnit;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Metrics and questions of tests. */
final class Metrics {
    static final long T0 = Instant.parse("2026-01-05T12:00:00Z").toEpochMilli();

    static final Metric TTFT = event("llm.ttft", MetricUnit.MILLISECONDS, true);
    static final Metric LATENCY = event("llm.latency", MetricUnit.MILLISECONDS, true);
    static final Metric TOKENS = event("llm.tokens.output", MetricUnit.TOKENS, false);
    static final Metric SCORE = new Metric(
            "custom.score", MetricKind.EVENT, MetricUnit.PUSHED, true, false, false, "a pushed value", List.of());
    static final Metric REQUESTS = new Metric(
            "llm.requests",
            MetricKind.COUNTER,
            MetricUnit.COUNT,
            false,
            false,
            false,
            "requests",
            List.of("model", "outcome", "observer"));
    static final Metric POWER = gauge("gpu.power", MetricUnit.WATTS, true);
    static final Metric TEMPERATURE = gauge("gpu.temperature", MetricUnit.CELSIUS, false);
    static final Metric SM = new Metric(
            "gpu.sm.utilization",
            MetricKind.GAUGE,
            MetricUnit.PERCENT,
            false,
            false,
            false,
            "share of time",
            List.of("gpu", "uuid", "source"));

    private Metrics() {}

    private static Metric event(String name, MetricUnit unit, boolean latency) {
        return new Metric(
                name,
                MetricKind.EVENT,
                unit,
                false,
                false,
                latency,
                name,
                List.of("model", "server", "outcome", "observer"));
    }

    private static Metric gauge(String name, MetricUnit unit, boolean addsUp) {
        return new Metric(name, MetricKind.GAUGE, unit, false, addsUp, false, name, List.of("gpu", "uuid"));
    }

    static LabelSet success(String model) {
        return LabelSet.of("host", "h1", "model", model, "outcome", "success", "observer", "push");
    }

    static LabelSet gpu(int index) {
        return LabelSet.of("host", "h1", "gpu", "" + index, "uuid", "GPU-" + index);
    }

    static Selection all(Metric metric, String... by) {
        return new Selection(metric, List.of(), List.of(by), Across.DEFAULT, Optional.empty());
    }

    static Selection where(Metric metric, String label, String pattern, String... by) {
        return new Selection(
                metric,
                List.of(new LabelMatcher(label, List.of(pattern), false)),
                List.of(by),
                Across.DEFAULT,
                Optional.empty());
    }

    static Selection across(Selection selection, Across across) {
        return new Selection(selection.metric(), selection.where(), selection.by(), across, selection.observer());
    }

    static Aggregate p(String p) {
        return new Aggregate.Percentile(new BigDecimal(p));
    }

    static SignalQuery over(Selection selection, Aggregate aggregate, Duration over) {
        return new SignalQuery(selection, aggregate, over, over, 1, Duration.ZERO);
    }

    static List<BigDecimal> ps(String... ps) {
        return Arrays.stream(ps).map(BigDecimal::new).toList();
    }
}
