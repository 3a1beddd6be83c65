package io.inferwatch.rules.prometheus;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.collector.catalogue.MetricUnit;
import io.inferwatch.collector.scrape.EngineNames.Meaning;
import io.inferwatch.rules.prometheus.PromExpr.Aggregation;
import io.inferwatch.rules.prometheus.PromExpr.Binary;
import io.inferwatch.rules.prometheus.PromExpr.Call;
import io.inferwatch.rules.prometheus.PromExpr.Selector;
import io.inferwatch.rules.prometheus.SignalDraft.Kind;
import io.inferwatch.rules.yaml.Durations;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes a signal of an expression that has one number a series. */
final class SignalTranslator {
    /** How far back Prometheus looks for the newest sample of a plain selector. */
    private static final Duration LOOKBACK = Duration.ofMinutes(5);
    /** The longest {@code delay} of a signal. */
    private static final Duration LONGEST_DELAY = Duration.ofHours(1);

    private static final Map<String, String> OVER_TIME =
            Map.of("avg_over_time", "avg", "min_over_time", "min", "max_over_time", "max", "last_over_time", "last");

    private SignalTranslator() {}

    /** @throws Refusal naming what is not translated */
    static SignalDraft signal(PromExpr expr) {
        return switch (expr) {
            case Selector selector -> selector(selector);
            case Call call -> call(call, Optional.empty());
            case Aggregation aggregation -> aggregation(aggregation);
            case Binary binary -> throw new Refusal("\"" + binary.op() + "\" is not translated there");
            case PromExpr.Constant number -> throw new Refusal("a number alone has no series");
        };
    }

    /** All series of a gauge as one: it has data while any of them has. */
    static SignalDraft anySeries(PromExpr expr) {
        if (!(expr instanceof Selector selector)) {
            throw new Refusal("absent is taken of one metric");
        }
        return gauge(selector, "last", selector.range().orElse(LOOKBACK), Optional.of(List.of()), "");
    }

    private static SignalDraft selector(Selector selector) {
        if (selector.range().isPresent()) {
            throw new Refusal(selector.name() + "[…] needs a function over it");
        }
        return gauge(selector, "last", LOOKBACK, Optional.empty(), "");
    }

    private static SignalDraft gauge(
            Selector selector, String aggregate, Duration over, Optional<List<String>> by, String across) {
        Meaning meaning = PromMetrics.meaning(without(selector.name(), "_total"));
        Metric metric = meaning.metric();
        if (metric.kind() != MetricKind.GAUGE) {
            throw new Refusal(selector.name() + " is a counter: its total means nothing here; use rate or increase");
        }
        String body = "agg: " + aggregate + across;
        return draft(selector, meaning, body, over, by, metric.unit(), meaning.unitsPerPageUnit(), Kind.GAUGE);
    }

    private static SignalDraft draft(
            Selector selector,
            Meaning meaning,
            String aggregate,
            Duration over,
            Optional<List<String>> by,
            MetricUnit unit,
            double factor,
            Kind kind) {
        Metric metric = meaning.metric();
        List<String> labels = by.map(names -> PromMetrics.labels(metric, names)).orElse(PromMetrics.instances(metric));
        boolean isDelay =
                selector.offset().filter(o -> o.compareTo(LONGEST_DELAY) <= 0).isPresent();
        String delay =
                isDelay ? ", delay: " + Durations.format(selector.offset().orElseThrow()) : "";
        String body = source(selector, meaning) + ", " + aggregate + ", over: " + time(over) + by(labels) + delay;
        return new SignalDraft(
                body,
                labels,
                unit,
                factor,
                selector.name(),
                kind,
                over,
                isDelay ? Optional.empty() : selector.offset());
    }

    private static String time(Duration duration) {
        String text = Durations.format(duration);
        if (!Durations.parse(text).equals(Optional.of(duration))) {
            return duration.toSeconds() + "s";
        }
        return text;
    }

    private static String by(List<String> labels) {
        return labels.isEmpty() ? "" : ", by: [" + String.join(", ", labels) + "]";
    }

    private static String source(Selector selector, Meaning meaning) {
        Map<String, List<String>> where = PromMetrics.where(meaning.metric(), selector.matchers());
        meaning.where().forEach((label, value) -> {
            if (where.putIfAbsent(label, List.of(value)) != null) {
                throw new Refusal("a matcher on " + label + " beside what " + selector.name() + " means");
            }
        });
        String conditions = where.entrySet().stream()
                .map(entry -> entry.getKey() + ": ["
                        + entry.getValue().stream().map(Yaml::quoted).collect(Collectors.joining(", ")) + "]")
                .collect(Collectors.joining(", "));
        return "metric: " + meaning.metric().name() + (conditions.isEmpty() ? "" : ", where: {" + conditions + "}");
    }

    /** @param by the labels an aggregation around it keeps; absent: there is none */
    private static SignalDraft call(Call call, Optional<List<String>> by) {
        String function = call.function();
        if (function.equals("histogram_quantile")) {
            return quantile(call);
        }
        boolean isRate = function.equals("rate");
        if (!isRate && !function.equals("increase") && !OVER_TIME.containsKey(function)) {
            throw new Refusal("the function " + function + " is not translated");
        }
        Selector selector = ranged(call, 0);
        Duration over = selector.range().orElseThrow();
        if (OVER_TIME.containsKey(function)) {
            return gauge(selector, String.valueOf(OVER_TIME.get(function)), over, by, "");
        }
        double perWindow = isRate ? over.toMillis() / 1_000.0 : 1;
        for (String suffix : List.of("_bucket", "_count", "_sum")) {
            String family = without(selector.name(), suffix);
            if (!family.equals(selector.name())) {
                return ofHistogram(named(selector, family), suffix, over, by, perWindow);
            }
        }
        Selector plain = named(selector, without(selector.name(), "_total"));
        Meaning meaning = PromMetrics.meaning(plain.name());
        if (meaning.metric().kind() == MetricKind.GAUGE || meaning.isHistogram()) {
            throw new Refusal(function + " does not fit " + selector.name() + ", which is no counter");
        }
        MetricUnit unit = meaning.metric().unit();
        return draft(plain, meaning, "agg: increase", over, by, unit, perWindow, Kind.GROWTH);
    }

    private static SignalDraft ofHistogram(
            Selector selector, String suffix, Duration over, Optional<List<String>> by, double perWindow) {
        Meaning meaning = PromMetrics.meaning(selector.name());
        if (!meaning.isHistogram() || suffix.equals("_bucket")) {
            throw new Refusal(selector.name() + suffix + " is of use only within histogram_quantile");
        }
        boolean isCount = suffix.equals("_count");
        return isCount
                ? draft(selector, meaning, "agg: count", over, by, MetricUnit.COUNT, perWindow, Kind.HISTOGRAM_COUNT)
                : draft(
                        selector,
                        meaning,
                        "agg: avg",
                        over,
                        by,
                        meaning.metric().unit(),
                        meaning.unitsPerPageUnit(),
                        Kind.HISTOGRAM_SUM);
    }

    private static Selector named(Selector selector, String name) {
        return new Selector(name, selector.matchers(), selector.range(), selector.offset());
    }

    private static String without(String name, String suffix) {
        return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
    }

    private static Selector ranged(Call call, int argument) {
        boolean isRange = call.arguments().size() == argument + 1
                && call.arguments().get(argument) instanceof Selector selector
                && selector.range().isPresent();
        if (!isRange) {
            throw new Refusal(call.function() + " is taken of one metric with a range, such as x[5m]");
        }
        return (Selector) call.arguments().get(argument);
    }

    private static SignalDraft quantile(Call call) {
        if (call.arguments().size() != 2 || !(call.arguments().getFirst() instanceof PromExpr.Constant(double q))) {
            throw new Refusal("histogram_quantile is taken with a number and a rate of buckets");
        }
        PromExpr inner = call.arguments().getLast();
        Optional<List<String>> by = Optional.empty();
        if (inner instanceof Aggregation sum && sum.op().equals("sum")) {
            by = Optional.of(sum.by().orElse(List.of()));
            if (!by.get().contains("le")) {
                throw new Refusal("the sum within histogram_quantile does not keep le");
            }
            inner = sum.of();
        }
        if (!(inner instanceof Call rate) || !Set.of("rate", "increase").contains(rate.function()) || q < 0 || q > 1) {
            throw new Refusal("histogram_quantile is taken of 0 to 1 and rate or increase of buckets, summed or not");
        }
        Selector buckets = ranged(rate, 0);
        Selector family = named(buckets, without(buckets.name(), "_bucket"));
        Meaning meaning = PromMetrics.meaning(family.name());
        if (!buckets.name().endsWith("_bucket") || !meaning.isHistogram()) {
            throw new Refusal(buckets.name() + " holds no buckets");
        }
        String p = new BigDecimal(Double.toString(q))
                .movePointRight(2)
                .stripTrailingZeros()
                .toPlainString();
        return draft(
                family,
                meaning,
                "agg: p" + p,
                buckets.range().orElseThrow(),
                by,
                meaning.metric().unit(),
                meaning.unitsPerPageUnit(),
                Kind.OTHER);
    }

    private static SignalDraft aggregation(Aggregation aggregation) {
        Optional<List<String>> by = Optional.of(aggregation.by().orElse(List.of()));
        String op = aggregation.op();
        if (!Set.of("sum", "avg", "min", "max").contains(op)) {
            throw new Refusal("the aggregation " + op + " is not translated");
        }
        if (aggregation.of() instanceof Selector selector && selector.range().isEmpty()) {
            return gauge(selector, "last", LOOKBACK, by, ", across: " + op);
        }
        if (aggregation.of() instanceof Call call
                && Set.of("rate", "increase").contains(call.function())
                && op.equals("sum")) {
            return call(call, by);
        }
        throw new Refusal(op + " is taken of a gauge, or as a sum of rate or increase");
    }

    /** Two counters make a ratio, a histogram's sum and count its mean. */
    static SignalDraft quotient(SignalDraft part, SignalDraft whole) {
        if (!part.by().equals(whole.by())) {
            throw new Refusal("the two sides of / have different labels: " + part.by() + " and " + whole.by());
        }
        if (!part.over().equals(whole.over())
                || part.offset().isPresent()
                || whole.offset().isPresent()) {
            throw new Refusal("the two sides of / look at different times");
        }
        if (part.kind() == Kind.HISTOGRAM_SUM && whole.kind() == Kind.HISTOGRAM_COUNT && isSameSource(part, whole)) {
            return part.with(part.body(), Kind.OTHER, part.factor(), part.unit());
        }
        boolean areCounts =
                part.kind() == whole.kind() && (part.kind() == Kind.GROWTH || part.kind() == Kind.HISTOGRAM_COUNT);
        if (!areCounts || part.body().contains("delay:") || whole.body().contains("delay:")) {
            throw new Refusal("/ is taken of rate or increase of two counters, or of a histogram's sum and count");
        }
        String aggregate = part.kind() == Kind.GROWTH ? "increase" : "count";
        String body = "ratio: {part: {" + sourceOf(part) + "}, whole: {" + sourceOf(whole) + "}}, agg: " + aggregate
                + ", over: " + time(part.over()) + by(part.by());
        return part.with(
                body,
                Kind.OTHER,
                whole.factor() == part.factor() ? 1 : part.factor() / whole.factor(),
                MetricUnit.RATIO);
    }

    private static boolean isSameSource(SignalDraft one, SignalDraft other) {
        return sourceOf(one).equals(sourceOf(other));
    }

    private static String sourceOf(SignalDraft draft) {
        return draft.body().substring(0, draft.body().indexOf(", agg: "));
    }
}
