package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.collector.catalogue.MetricUnit;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads one signal that is measured: an aggregate of a metric, or a ratio of two. */
final class SignalReader {
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(30);
    private static final Pattern PERCENTILE = Pattern.compile("p(\\d{1,3}(?:\\.\\d{1,4})?)");
    private static final List<String> ON_NO_GAUGE = List.of("sum", "count", "increase", "rate");
    private static final List<String> RATIO_AGGREGATES = List.of("increase", "sum", "count", "rate");
    private static final List<String> AGGREGATES =
            List.of("avg", "min", "max", "sum", "count", "last", "rate", "increase", "stddev");
    private static final List<String> ACROSS = List.of("sum", "avg", "min", "max", "merge");

    private final Problems problems;
    private final Quantities quantities;
    private final Set<String> configuredLabels;

    SignalReader(Problems problems, Set<String> configuredLabels) {
        this.problems = problems;
        this.quantities = new Quantities(problems);
        this.configuredLabels = configuredLabels;
    }

    private record Range(Duration shortest, Duration longest) {}

    Optional<Signal> measured(String name, MappingReader reader) {
        List.of("agg", "share_above", "share_below", "by", "where", "across").forEach(reader::has);
        Optional<Metric> metric = metric(reader);
        Optional<Unit> declared = declaredUnit(reader);
        Optional<Aggregate> aggregate = metric.flatMap(m -> aggregate(reader, m, declared));
        long leastSamples = reader.integer("min_samples", 0, 1_000_000_000).orElse(-1);
        Optional<Range> range = range(reader, leastSamples);
        Optional<Selection> selection = metric.map(m -> selection(reader, m, by(reader, m)));
        Duration delay =
                reader.duration("delay", Duration.ZERO, Duration.ofHours(1)).orElse(Duration.ZERO);
        if (metric.isEmpty() || aggregate.isEmpty() || range.isEmpty() || selection.isEmpty()) {
            return Optional.empty();
        }
        boolean mayBeZero = aggregate.get() == Aggregate.Basic.COUNT
                || aggregate.get() == Aggregate.Basic.INCREASE
                || aggregate.get() == Aggregate.Basic.RATE;
        Unit unit = unit(reader, metric.get(), aggregate.get(), declared);
        SignalQuery query = new SignalQuery(
                selection.get(),
                aggregate.get(),
                range.get().shortest(),
                range.get().longest(),
                Math.max(leastSamples, 0),
                delay);
        return Optional.of(new Signal.Measured(name, query, unit, mayBeZero && leastSamples <= 0));
    }

    Optional<Signal> ratio(String name, MappingReader reader) {
        reader.has("by");
        Optional<MappingReader> ratio = reader.mapping("ratio");
        Optional<MappingReader> part = ratio.filter(r -> r.require("part")).flatMap(r -> r.mapping("part"));
        Optional<MappingReader> whole = ratio.filter(r -> r.require("whole")).flatMap(r -> r.mapping("whole"));
        ratio.ifPresent(MappingReader::refuseUnknown);
        Optional<Metric> partMetric = part.flatMap(this::metric);
        Optional<Metric> wholeMetric = whole.flatMap(this::metric);
        String aggregateName = reader.oneOf("agg", RATIO_AGGREGATES).orElse("increase");
        long leastSamples = reader.integer("min_samples", 0, 1_000_000_000).orElse(-1);
        Optional<Range> range = range(reader, leastSamples);
        Duration delay =
                reader.duration("delay", Duration.ZERO, Duration.ofHours(1)).orElse(Duration.ZERO);
        Unit unit = declaredUnit(reader).orElse(Unit.RATIO);
        if (!unit.fits(Unit.RATIO) || unit.equals(Unit.COUNT)) {
            reader.error("unit", "a ratio is told in ratio or percent");
        }
        if (part.isEmpty() || whole.isEmpty() || partMetric.isEmpty() || wholeMetric.isEmpty() || range.isEmpty()) {
            return Optional.empty();
        }
        checkRatio(part.get(), partMetric.get(), wholeMetric.get(), aggregateName);
        List<String> by = by(reader, wholeMetric.get());
        Aggregate aggregate = Aggregate.Basic.valueOf(aggregateName.toUpperCase(Locale.ROOT));
        SignalQuery partQuery = query(part.get(), partMetric.get(), by, aggregate, range.get(), 0, delay);
        SignalQuery wholeQuery =
                query(whole.get(), wholeMetric.get(), by, aggregate, range.get(), Math.max(leastSamples, 0), delay);
        return Optional.of(new Signal.Ratio(name, partQuery, wholeQuery, unit, Unit.RATIO.factorTo(unit)));
    }

    private void checkRatio(MappingReader part, Metric partMetric, Metric wholeMetric, String aggregate) {
        for (Metric metric : List.of(partMetric, wholeMetric)) {
            if (metric.kind() == MetricKind.GAUGE) {
                part.error("metric", aggregate + " does not fit " + metric.name() + ", a gauge");
            }
        }
        if (!aggregate.equals("count") && !Unit.of(partMetric.unit()).fits(Unit.of(wholeMetric.unit()))) {
            part.error("metric", partMetric.name() + " and " + wholeMetric.name() + " are not told in the same unit");
        }
    }

    private SignalQuery query(
            MappingReader reader,
            Metric metric,
            List<String> by,
            Aggregate aggregate,
            Range range,
            long leastSamples,
            Duration delay) {
        Selection selection = selection(reader, metric, by);
        reader.refuseUnknown();
        return new SignalQuery(selection, aggregate, range.shortest(), range.longest(), leastSamples, delay);
    }

    /** The metric named here, or a problem. */
    Optional<Metric> metric(MappingReader reader) {
        if (!reader.require("metric")) {
            return Optional.empty();
        }
        return reader.scalar("metric").flatMap(name -> {
            Optional<Metric> metric = MetricCatalogue.find(name.text());
            if (metric.isEmpty()) {
                problems.add(new Problem(
                        name.position(),
                        name.path(),
                        "unknown metric \"" + name.text() + "\"",
                        MetricCatalogue.nearestName(name.text()).map(nearest -> "did you mean \"" + nearest + "\"?"),
                        false));
            }
            return metric;
        });
    }

    /** The series meant here. */
    Selection selection(MappingReader reader, Metric metric, List<String> by) {
        List<LabelMatcher> where = new ArrayList<>();
        Optional<String> observer = Optional.empty();
        Optional<MappingReader> conditions = reader.mapping("where");
        if (conditions.isPresent()) {
            for (LabelMatcher matcher : Matchers.read(conditions.get(), problems, List.of())) {
                YamlNode at = conditions
                        .get()
                        .node(matcher.label())
                        .orElse(conditions.get().mapping());
                checkLabel(at, metric, matcher.label());
                boolean isOne = matcher.label().equals("observer")
                        && !matcher.negated()
                        && matcher.patterns().size() == 1
                        && !matcher.patterns().getFirst().contains("*");
                if (isOne) {
                    observer = Optional.of(matcher.patterns().getFirst());
                } else {
                    where.add(matcher);
                }
            }
        }
        Across across = reader.oneOf("across", ACROSS)
                .map(word -> Across.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(Across.DEFAULT);
        return new Selection(metric, where, by, across, observer);
    }

    List<String> by(MappingReader reader, Metric metric) {
        List<String> names = new ArrayList<>();
        for (Scalar label : reader.scalars("by").orElse(List.of())) {
            checkLabel(label, metric, label.text());
            if (names.contains(label.text())) {
                problems.error(label, "label \"" + label.text() + "\" stands here twice");
            } else {
                names.add(label.text());
            }
        }
        return names;
    }

    /** A warning: labels can be configured, and a label that is not there yet may come. */
    private void checkLabel(YamlNode node, Metric metric, String label) {
        boolean isKnown = MetricCatalogue.isPushedName(metric.name())
                || metric.labels().contains(label)
                || label.equals("host")
                || configuredLabels.contains(label);
        if (!isKnown) {
            Optional<String> hint =
                    MetricCatalogue.nearestLabel(metric, label).map(nearest -> "did you mean \"" + nearest + "\"?");
            String message = "label \"" + label + "\" is not known to " + metric.name();
            problems.add(new Problem(node.position(), node.path(), message, hint, true));
        }
    }

    private Optional<Aggregate> aggregate(MappingReader reader, Metric metric, Optional<Unit> declared) {
        Unit unit = isPushed(metric) ? declared.orElse(Unit.NONE) : Unit.of(metric.unit());
        if (Stream.of("agg", "share_above", "share_below").filter(reader::has).count() != 1) {
            problems.error(reader.mapping(), "one of agg, share_above and share_below is needed here");
            return Optional.empty();
        }
        if (reader.node("agg").orElse(null) instanceof Mapping written) {
            MappingReader nested = new MappingReader(written, problems);
            Optional<Aggregate> share = share(nested, metric, unit);
            nested.refuseUnknown();
            return share;
        }
        return reader.has("agg")
                ? reader.scalar("agg").flatMap(agg -> named(agg, metric))
                : share(reader, metric, unit);
    }

    /** The share past a limit that is written here. */
    Optional<Aggregate> share(MappingReader reader, Metric metric) {
        return share(reader, metric, isPushed(metric) ? Unit.NONE : Unit.of(metric.unit()));
    }

    private Optional<Aggregate> share(MappingReader reader, Metric metric, Unit unit) {
        boolean isAbove = reader.has("share_above");
        if (isAbove == reader.has("share_below")) {
            problems.error(reader.mapping(), "one of share_above and share_below is needed here");
            return Optional.empty();
        }
        return isAbove
                ? share(reader, "share_above", metric, unit).map(Aggregate.ShareAbove::new)
                : share(reader, "share_below", metric, unit).map(Aggregate.ShareBelow::new);
    }

    private Optional<Double> share(MappingReader reader, String key, Metric metric, Unit unit) {
        return reader.scalar(key).flatMap(limit -> {
            OptionalDouble value = quantities.read(limit, metric.name(), unit);
            return value.isPresent() ? Optional.of(value.getAsDouble()) : Optional.empty();
        });
    }

    private Optional<Aggregate> named(Scalar agg, Metric metric) {
        String text = agg.text();
        if (metric.kind() == MetricKind.GAUGE && ON_NO_GAUGE.contains(text)) {
            problems.error(
                    agg,
                    text + " does not fit " + metric.name() + ", a gauge",
                    "use avg, min, max, last or a percentile");
            return Optional.empty();
        }
        var percentile = PERCENTILE.matcher(text);
        if (percentile.matches()) {
            BigDecimal p = new BigDecimal(percentile.group(1));
            if (p.compareTo(BigDecimal.valueOf(100)) <= 0) {
                return Optional.of(new Aggregate.Percentile(p));
            }
        } else if (AGGREGATES.contains(text)) {
            return Optional.of(Aggregate.Basic.valueOf(text.toUpperCase(Locale.ROOT)));
        }
        problems.error(
                agg,
                "unknown aggregate \"" + text + "\"",
                "use p50 … p99.9 or one of " + String.join(", ", AGGREGATES));
        return Optional.empty();
    }

    private Optional<Range> range(MappingReader reader, long leastSamples) {
        if (!reader.require("over")) {
            return Optional.empty();
        }
        return reader.scalar("over").flatMap(over -> {
            String[] ends = over.text().split("\\.\\.", 2);
            Optional<Duration> shortest = Durations.parse(ends[0]);
            Optional<Duration> longest = Durations.parse(ends[ends.length - 1]);
            boolean fits = shortest.isPresent()
                    && longest.isPresent()
                    && shortest.get().compareTo(SHORTEST) >= 0
                    && longest.get().compareTo(LONGEST) <= 0
                    && (ends.length == 1 || shortest.get().compareTo(longest.get()) < 0);
            if (!fits) {
                problems.error(over, "\"" + over.text() + "\" is no window from 1s to 30d", "write 5m, or 1m..1h");
                return Optional.empty();
            }
            if (ends.length == 2 && leastSamples < 1) {
                problems.error(over, "a range of windows needs min_samples");
            }
            return Optional.of(new Range(shortest.get(), longest.get()));
        });
    }

    Optional<Unit> declaredUnit(MappingReader reader) {
        return reader.oneOf("unit", Unit.names()).flatMap(Unit::named);
    }

    private static boolean isPushed(Metric metric) {
        return metric.unit() == MetricUnit.PUSHED;
    }

    private static Unit natural(Unit unit, Aggregate aggregate) {
        if (aggregate instanceof Aggregate.ShareAbove || aggregate instanceof Aggregate.ShareBelow) {
            return Unit.RATIO;
        }
        if (aggregate == Aggregate.Basic.COUNT) {
            return Unit.COUNT;
        }
        return aggregate == Aggregate.Basic.RATE ? unit.perSecond() : unit;
    }

    private Unit unit(MappingReader reader, Metric metric, Aggregate aggregate, Optional<Unit> declared) {
        boolean isShare = aggregate instanceof Aggregate.ShareAbove || aggregate instanceof Aggregate.ShareBelow;
        if (isPushed(metric)) {
            boolean isFixed = isShare || aggregate == Aggregate.Basic.COUNT;
            return isFixed ? natural(Unit.NONE, aggregate) : declared.orElse(Unit.NONE);
        }
        Unit natural = natural(Unit.of(metric.unit()), aggregate);
        boolean agrees = declared.isEmpty()
                || declared.get().equals(natural)
                || (isShare && declared.get().equals(Unit.of(metric.unit())))
                || (natural.equals(Unit.NONE) && declared.get().equals(Unit.RATIO));
        if (!agrees) {
            String written = reader.text("unit").orElse("");
            String symbol = natural.symbol().isEmpty() ? "a plain number" : natural.symbol();
            reader.error("unit", "unit \"" + written + "\" does not fit " + metric.name() + " (" + symbol + ")");
        }
        return declared.filter(unit -> natural.equals(Unit.NONE)).orElse(natural);
    }
}
