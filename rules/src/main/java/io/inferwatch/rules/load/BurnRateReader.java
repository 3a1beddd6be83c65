package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.Expression;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Reads {@code burn_rate}: an objective, and what is bad of what. It is told in multiples of what the objective allows:
 * 1x uses the error budget up exactly at the end of its period (Google SRE Workbook, chapter 5, "Alerting on SLOs").
 */
final class BurnRateReader {
    private final Problems problems;
    private final SignalReader signals;
    private final Quantities quantities;
    private final Map<String, Signal> named;

    BurnRateReader(Problems problems, SignalReader signals, Map<String, Signal> named) {
        this.problems = problems;
        this.signals = signals;
        this.quantities = new Quantities(problems);
        this.named = named;
    }

    /**
     * @param share the bad part, over a window given by the caller
     * @param budget the part that may be bad, 0–1
     * @param longWindows those that are the long one of some pair: they must hold {@code min_samples}; one that is only
     *     ever short just says that it is not over
     */
    record Burn(String rule, Share share, double budget, Duration period, long minSamples, Set<Duration> longWindows) {

        /** The burn rate over one window, its name {@code <rule>.burn_<window>}. */
        Signal over(Duration window) {
            String name = rule + ".burn_" + Durations.format(window);
            return share.over(name, window, longWindows.contains(window) ? minSamples : 0, 1 / budget);
        }
    }

    @FunctionalInterface
    interface Share {
        Signal over(String name, Duration window, long minSamples, double factor);
    }

    /** @param whole the rule, whose pairs are still to be read */
    Optional<Burn> read(String rule, MappingReader reader, YamlNode whole) {
        List.of("bad", "total", "metric", "where", "by", "share_above", "share_below", "min_samples", "delay")
                .forEach(reader::has);
        Optional<Duration> period = reader.require("period")
                ? reader.duration("period", Duration.ofHours(1), Duration.ofDays(400))
                : Optional.empty();
        OptionalDouble objective = reader.require("objective")
                ? reader.scalar("objective").map(this::objective).orElse(OptionalDouble.empty())
                : OptionalDouble.empty();
        long minSamples = reader.integer("min_samples", 0, 1_000_000_000).orElse(0);
        Duration delay =
                reader.duration("delay", Duration.ZERO, Duration.ofHours(1)).orElse(Duration.ZERO);
        Optional<Share> share = reader.has("metric") ? latency(reader, delay) : ratio(reader, delay);
        reader.refuseUnknown();
        if (period.isEmpty() || objective.isEmpty() || share.isEmpty()) {
            return Optional.empty();
        }
        Set<Duration> longWindows = new HashSet<>();
        collect(whole, longWindows);
        return Optional.of(
                new Burn(rule, share.get(), 1 - objective.getAsDouble(), period.get(), minSamples, longWindows));
    }

    private static void collect(YamlNode node, Set<Duration> longWindows) {
        switch (node) {
            case YamlNode.Mapping mapping ->
                mapping.entries().forEach((key, entry) -> {
                    if (key.equals("long") && entry.value() instanceof Scalar window) {
                        Durations.parse(window.text()).ifPresent(longWindows::add);
                    }
                    collect(entry.value(), longWindows);
                });
            case YamlNode.Sequence sequence -> sequence.items().forEach(item -> collect(item, longWindows));
            case Scalar scalar -> {}
        }
    }

    private OptionalDouble objective(Scalar written) {
        OptionalDouble objective = quantities.read(written, "an objective", Unit.RATIO);
        boolean fits = objective.isPresent() && objective.getAsDouble() > 0 && objective.getAsDouble() < 1;
        if (objective.isPresent() && !fits) {
            problems.error(written, "an objective lies between 0 and 100%", "write 99.5%");
        }
        return fits ? objective : OptionalDouble.empty();
    }

    /** The share of one metric's samples past a limit: exact, for the windows hold every sample. */
    private Optional<Share> latency(MappingReader reader, Duration delay) {
        Optional<Metric> metric = signals.metric(reader);
        if (reader.has("bad") || reader.has("total")) {
            reader.error("metric", "either bad and total, or metric with share_above or share_below");
        }
        Optional<Aggregate> share = metric.flatMap(m -> signals.share(reader, m));
        if (metric.isEmpty() || share.isEmpty()) {
            return Optional.empty();
        }
        Selection selection = signals.selection(reader, metric.get(), signals.by(reader, metric.get()));
        return Optional.of((name, window, minSamples, factor) -> {
            SignalQuery query = new SignalQuery(selection, share.get(), window, window, minSamples, delay);
            Signal bad = new Signal.Measured(name + ".share", query, Unit.RATIO, false);
            Expression of = new Expression.Operand(bad.name(), 1);
            return new Signal.Computed(name, of, List.of(bad), Unit.TIMES, factor);
        });
    }

    private record Counted(Selection selection, Aggregate aggregate) {
        SignalQuery over(Duration window, long minSamples, Duration delay) {
            return new SignalQuery(selection, aggregate, window, window, minSamples, delay);
        }
    }

    private Optional<Share> ratio(MappingReader reader, Duration delay) {
        if (!reader.require("bad") || !reader.require("total")) {
            return Optional.empty();
        }
        Optional<Counted> bad = counted(reader, "bad");
        Optional<Counted> total = counted(reader, "total");
        if (bad.isEmpty() || total.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of((name, window, minSamples, factor) -> new Signal.Ratio(
                name,
                bad.get().over(window, 0, delay),
                total.get().over(window, minSamples, delay),
                Unit.TIMES,
                factor));
    }

    /** A metric with its conditions, or a signal by name; {@code by} is that of the burn rate. */
    private Optional<Counted> counted(MappingReader reader, String key) {
        Optional<Scalar> name =
                reader.node(key).filter(Scalar.class::isInstance).map(Scalar.class::cast);
        if (name.isPresent()) {
            return named(name.get(), reader);
        }
        return reader.mapping(key).flatMap(part -> {
            Optional<Metric> metric = signals.metric(part);
            if (metric.isPresent() && metric.get().kind() == MetricKind.GAUGE) {
                part.error("metric", metric.get().name() + " is a gauge; what burns is counted");
                return Optional.empty();
            }
            Optional<Selection> selection = metric.map(m -> signals.selection(part, m, signals.by(reader, m)));
            part.refuseUnknown();
            return selection.map(s -> new Counted(s, Aggregate.Basic.INCREASE));
        });
    }

    private Optional<Counted> named(Scalar name, MappingReader reader) {
        if (!(named.get(name.text()) instanceof Signal.Measured measured)) {
            problems.error(
                    name,
                    "\"" + name.text() + "\" is no measured signal",
                    "write {metric: …, where: …} or the name of one");
            return Optional.empty();
        }
        Aggregate aggregate = measured.query().aggregate();
        boolean isCounted = aggregate == Aggregate.Basic.INCREASE
                || aggregate == Aggregate.Basic.SUM
                || aggregate == Aggregate.Basic.COUNT;
        if (!isCounted) {
            problems.error(name, name.text() + " is not counted; use agg: increase, sum or count");
            return Optional.empty();
        }
        Selection selection = measured.query().selection();
        List<String> by = reader.has("by") ? signals.by(reader, selection.metric()) : selection.by();
        return Optional.of(new Counted(
                new Selection(selection.metric(), selection.where(), by, selection.across(), selection.observer()),
                aggregate));
    }
}
