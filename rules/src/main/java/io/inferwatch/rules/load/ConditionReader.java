package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Reads conditions: leaves and composites. */
final class ConditionReader {
    /** The keys of which exactly one says what a condition is. */
    static final List<String> KINDS =
            List.of("signal", "rule", "instances", "factor", "all", "any", "not", "of", "score");

    private static final double HIGHEST_SCORE = 100;
    private static final List<String> TIERS =
            Arrays.stream(Tier.values()).map(Tier::name).toList();
    private static final int MAX_DEPTH = 4;
    private static final int MAX_LEAVES = 32;

    private final Map<String, Signal> signals;
    private final Set<String> signalNames;
    private final Set<String> ruleNames;
    private final Problems problems;
    private final Quantities quantities;
    private final ComparisonReader comparisons;
    private final List<Reference> references = new ArrayList<>();
    private String owner = "";
    private Optional<BurnRateReader.Burn> burn = Optional.empty();

    /** What else may stand in a condition, whichever kind it is. */
    private static final List<String> FURTHER_KEYS = Stream.concat(
                    Stream.of("clear_above", "clear_below", "compare", "tier", "match_on", "long", "short", "weight"),
                    Arrays.stream(Limit.Operator.values()).map(Limit.Operator::key))
            .toList();

    /**
     * Another rule as a condition of {@code owner} asks after it.
     *
     * @param matchOn the labels to join on, where they are said
     * @param by the labels its instances are counted by, where they are counted
     * @param at where it is written
     */
    record Reference(
            String owner,
            String rule,
            Tier tier,
            Optional<Set<String>> matchOn,
            Optional<Set<String>> by,
            MappingReader at) {}

    /** @param signalNames all that are written, also those that could not be read: their own problem is told already */
    ConditionReader(Map<String, Signal> signals, Set<String> signalNames, Set<String> ruleNames, Problems problems) {
        this.signals = signals;
        this.signalNames = signalNames;
        this.ruleNames = ruleNames;
        this.problems = problems;
        this.quantities = new Quantities(problems);
        this.comparisons = new ComparisonReader(problems, quantities);
    }

    /** Conditions read from now on are this rule's, and their pairs of windows about this; none: such a pair is an error. */
    void use(String rule, Optional<BurnRateReader.Burn> burnRate) {
        owner = rule;
        burn = burnRate;
    }

    /** The condition written in this mapping; the caller refuses unknown keys, which may hold others of its own. */
    Optional<Condition> read(MappingReader mapping) {
        Optional<Condition> condition = read(mapping, 1, false);
        condition
                .filter(c -> c.leaves().size() > MAX_LEAVES)
                .ifPresent(c -> problems.error(
                        mapping.mapping(), c.leaves().size() + " leaves; there may be at most " + MAX_LEAVES));
        return condition;
    }

    /** What the conditions read so far ask of other rules. */
    List<Reference> references() {
        return List.copyOf(references);
    }

    private Optional<Condition> read(MappingReader mapping, int depth, boolean negated) {
        List<String> kinds = KINDS.stream().filter(mapping::has).toList();
        if (kinds.size() != 1) {
            FURTHER_KEYS.forEach(mapping::has);
            problems.error(
                    mapping.mapping(),
                    kinds.isEmpty()
                            ? "a condition is missing: signal, rule, instances, factor, all, any, not, at_least with of,"
                                    + " or score"
                            : "one condition only: " + String.join(" and ", kinds));
            return Optional.empty();
        }
        return switch (kinds.getFirst()) {
            case "signal" -> threshold(mapping, negated);
            case "rule" -> ruleRef(mapping);
            case "instances" -> instances(mapping);
            case "factor" -> burnRate(mapping);
            case "all" -> children(mapping, "all", depth, negated).map(Condition.AllOf::new);
            case "any" -> children(mapping, "any", depth, negated).map(Condition.AnyOf::new);
            case "not" -> not(mapping, depth);
            case "of" -> atLeast(mapping, depth, negated);
            default -> score(mapping, depth, negated);
        };
    }

    private Optional<List<Condition>> children(MappingReader mapping, String key, int depth, boolean negated) {
        Optional<Sequence> list = mapping.sequence(key);
        if (list.isEmpty()) {
            return Optional.empty();
        }
        List<Condition> children = new ArrayList<>();
        list.get().items().forEach(item -> child(item, depth, negated).ifPresent(children::add));
        if (list.get().items().isEmpty()) {
            problems.error(list.get(), "a condition is missing here");
        }
        return children.size() == list.get().items().size() && !children.isEmpty()
                ? Optional.of(children)
                : Optional.empty();
    }

    private Optional<Condition> child(YamlNode node, int depth, boolean negated) {
        return MappingReader.of(node, problems).flatMap(child -> nested(child, depth + 1, negated));
    }

    private Optional<Condition> nested(MappingReader child, int depth, boolean negated) {
        if (depth > MAX_DEPTH) {
            problems.error(child.mapping(), "conditions nested deeper than " + MAX_DEPTH);
            return Optional.empty();
        }
        Optional<Condition> condition = read(child, depth, negated);
        child.refuseUnknown();
        return condition;
    }

    private Optional<Condition> not(MappingReader mapping, int depth) {
        return mapping.node("not").flatMap(node -> child(node, depth, true)).map(Condition.Not::new);
    }

    private Optional<Condition> atLeast(MappingReader mapping, int depth, boolean negated) {
        Optional<List<Condition>> of = children(mapping, "of", depth, negated);
        if (!mapping.require("at_least")) {
            return Optional.empty();
        }
        int most = mapping.sequence("of").map(list -> list.items().size()).orElse(1);
        long least = mapping.integer("at_least", 1, Math.max(1, most)).orElse(0);
        return of.filter(conditions -> least > 0).map(conditions -> new Condition.AtLeast((int) least, conditions));
    }

    private Optional<Condition> score(MappingReader mapping, int depth, boolean negated) {
        List<Condition.Weighted> parts = new ArrayList<>();
        List<MappingReader> items = mapping.mappings("score");
        for (MappingReader item : items) {
            Optional<BigDecimal> weight = item.require("weight") ? item.number("weight") : Optional.empty();
            if (weight.isPresent() && weight.get().signum() <= 0) {
                item.error("weight", "a weight is above 0");
            }
            Optional<Condition> condition = nested(item, depth + 1, negated);
            if (weight.isPresent() && condition.isPresent()) {
                parts.add(new Condition.Weighted(weight.get().doubleValue(), condition.get()));
            }
        }
        Optional<Limit> limit = limit(mapping, "the score", Unit.NONE, negated);
        limit.filter(read -> read.threshold() < 0 || read.upper().orElse(read.threshold()) > HIGHEST_SCORE)
                .ifPresent(read -> mapping.error(read.operator().key(), "a score is from 0 to 100"));
        if (items.isEmpty()) {
            mapping.error("score", "a score needs parts");
        }
        return parts.isEmpty() ? Optional.empty() : limit.map(l -> new Condition.Score(parts, l));
    }

    private Optional<Condition> ruleRef(MappingReader mapping) {
        Optional<String> name = mapping.scalar("rule").flatMap(rule -> known(rule, ruleNames, "rule"));
        Optional<Tier> tier =
                mapping.require("tier") ? mapping.oneOf("tier", TIERS).map(Tier::valueOf) : Optional.empty();
        Optional<Set<String>> matchOn = mapping.texts("match_on").map(TreeSet::new);
        if (name.isPresent() && tier.isPresent()) {
            references.add(new Reference(owner, name.get(), tier.get(), matchOn, Optional.empty(), mapping));
        }
        return name.isPresent() && tier.isPresent()
                ? Optional.of(new Condition.RuleRef(name.get(), tier.get(), matchOn))
                : Optional.empty();
    }

    private Optional<Condition> instances(MappingReader mapping) {
        Optional<MappingReader> counted = mapping.mapping("instances");
        if (counted.isEmpty()) {
            return Optional.empty();
        }
        MappingReader reader = counted.get();
        Optional<String> name = reader.require("rule")
                ? reader.scalar("rule").flatMap(rule -> known(rule, ruleNames, "rule"))
                : Optional.empty();
        Tier tier = reader.oneOf("tier", TIERS).map(Tier::valueOf).orElse(Tier.P3);
        Set<String> by = new TreeSet<>(reader.texts("by").orElse(List.of()));
        Optional<Scalar> least = reader.require("at_least") ? reader.scalar("at_least") : Optional.empty();
        reader.refuseUnknown();
        if (name.isEmpty() || least.isEmpty()) {
            return Optional.empty();
        }
        boolean isShare = least.get().text().endsWith("%");
        OptionalDouble atLeast =
                quantities.read(least.get(), "a number of instances", isShare ? Unit.RATIO : Unit.COUNT);
        boolean fits = atLeast.isPresent()
                && atLeast.getAsDouble() > 0
                && (isShare ? atLeast.getAsDouble() <= 1 : atLeast.getAsDouble() == Math.rint(atLeast.getAsDouble()));
        if (!fits) {
            reader.error("at_least", "\"" + least.get().text() + "\" is no number of instances", "write 3, or 30%");
            return Optional.empty();
        }
        references.add(new Reference(owner, name.get(), tier, Optional.empty(), Optional.of(by), reader));
        return Optional.of(new Condition.Instances(name.get(), tier, by, atLeast.getAsDouble(), isShare));
    }

    private Optional<Condition> burnRate(MappingReader mapping) {
        Optional<BigDecimal> factor = mapping.number("factor").filter(f -> {
            if (f.signum() <= 0) {
                mapping.error("factor", "a factor is above 0");
            }
            return f.signum() > 0;
        });
        Optional<Duration> longWindow = window(mapping, "long");
        Optional<Duration> shortWindow = window(mapping, "short");
        if (burn.isEmpty()) {
            mapping.error("factor", "a pair of windows needs a burn_rate at its rule");
        }
        if (burn.isEmpty() || factor.isEmpty() || longWindow.isEmpty() || shortWindow.isEmpty()) {
            return Optional.empty();
        }
        if (shortWindow.get().compareTo(longWindow.get()) >= 0) {
            mapping.error("short", "short must be shorter than long");
            return Optional.empty();
        }
        if (longWindow.get().compareTo(burn.get().period()) > 0) {
            mapping.error("long", "long is longer than the period of the objective");
        }
        Limit limit = Limit.of(Limit.Operator.ABOVE, factor.get().doubleValue());
        return Optional.of(new Condition.BurnRate(
                new Condition.Threshold(burn.get().over(longWindow.get()), limit),
                new Condition.Threshold(burn.get().over(shortWindow.get()), limit)));
    }

    private static Optional<Duration> window(MappingReader mapping, String key) {
        return mapping.require(key)
                ? mapping.duration(key, Duration.ofSeconds(10), Duration.ofDays(30))
                : Optional.empty();
    }

    private Optional<Condition> threshold(MappingReader mapping, boolean negated) {
        Optional<String> name = mapping.scalar("signal").flatMap(signal -> known(signal, signalNames, "signal"));
        Signal signal = name.map(signals::get).orElse(null);
        if (signal == null) {
            Arrays.stream(Limit.Operator.values()).forEach(operator -> mapping.has(operator.key()));
            mapping.has("clear_above");
            mapping.has("clear_below");
            mapping.has("compare");
            return Optional.empty();
        }
        if (mapping.has("compare")) {
            Optional<Comparison> comparison = comparisons.read(mapping, signal);
            Unit unit = comparison.map(c -> c.unit(signal.unit())).orElse(Unit.TIMES);
            if (comparison.isEmpty()) {
                Arrays.stream(Limit.Operator.values()).forEach(operator -> mapping.has(operator.key()));
                mapping.has("clear_above");
                mapping.has("clear_below");
                return Optional.empty();
            }
            return limit(mapping, "the comparison", unit, negated)
                    .map(limit -> new Condition.Baseline(signal, comparison.get(), limit));
        }
        return limit(mapping, metricOf(signal), signal.unit(), negated)
                .map(limit -> new Condition.Threshold(signal, limit));
    }

    private static String metricOf(Signal signal) {
        return signal instanceof Signal.Measured measured
                ? measured.query().selection().metric().name()
                : signal.name();
    }

    private Optional<String> known(Scalar name, Set<String> names, String what) {
        if (names.contains(name.text())) {
            return Optional.of(name.text());
        }
        Optional<String> hint =
                NearestName.among(names, name.text()).map(nearest -> "did you mean \"" + nearest + "\"?");
        String message = "unknown " + what + " \"" + name.text() + "\"";
        problems.add(new Problem(name.position(), name.path(), message, hint, false));
        return Optional.empty();
    }

    private Optional<Limit> limit(MappingReader mapping, String of, Unit unit, boolean negated) {
        List<Limit.Operator> operators = Arrays.stream(Limit.Operator.values())
                .filter(operator -> mapping.has(operator.key()))
                .toList();
        OptionalDouble clearAbove = quantity(mapping, "clear_above", of, unit);
        OptionalDouble clearBelow = quantity(mapping, "clear_below", of, unit);
        if (operators.size() != 1) {
            problems.error(
                    mapping.mapping(), "one of above, below, at_least, at_most, equals and outside is needed here");
            return Optional.empty();
        }
        Limit.Operator operator = operators.getFirst();
        List<Double> bounds = bounds(mapping, operator, of, unit);
        if (bounds.isEmpty()) {
            return Optional.empty();
        }
        OptionalDouble upper =
                operator == Limit.Operator.OUTSIDE ? OptionalDouble.of(bounds.getLast()) : OptionalDouble.empty();
        Limit limit = new Limit(operator, bounds.getFirst(), upper, clearAbove, clearBelow);
        checkClear(mapping, limit, negated);
        return Optional.of(limit);
    }

    private List<Double> bounds(MappingReader mapping, Limit.Operator operator, String of, Unit unit) {
        if (operator != Limit.Operator.OUTSIDE) {
            OptionalDouble value = quantity(mapping, operator.key(), of, unit);
            return value.isPresent() ? List.of(value.getAsDouble()) : List.of();
        }
        List<Double> bounds = new ArrayList<>();
        for (Scalar bound : mapping.scalars("outside").orElse(List.of())) {
            quantities.read(bound, of, unit).ifPresent(bounds::add);
        }
        if (bounds.size() != 2 || bounds.getFirst() >= bounds.getLast()) {
            mapping.error("outside", "two bounds are needed here, the lower one first", "write [10%, 90%]");
            return List.of();
        }
        return bounds;
    }

    private OptionalDouble quantity(MappingReader mapping, String key, String of, Unit unit) {
        return mapping.scalar(key)
                .map(value -> quantities.read(value, of, unit))
                .orElse(OptionalDouble.empty());
    }

    /** A clear value lies where things are well, or a fired tier would let go and fire again at once. */
    private void checkClear(MappingReader mapping, Limit limit, boolean negated) {
        for (String key : List.of("clear_above", "clear_below")) {
            if (negated && mapping.has(key)) {
                mapping.error(key, key + " has no meaning under not");
            }
        }
        Limit.Operator operator = limit.operator();
        double upperBound = limit.upper().orElse(limit.threshold());
        limit.clearAbove().ifPresent(clear -> {
            boolean fits = !operator.isUpward()
                    && clear >= limit.threshold()
                    && (operator != Limit.Operator.OUTSIDE || clear < upperBound);
            if (!fits) {
                mapping.error("clear_above", "clear_above lies on the unhealthy side of " + operator.key());
            }
        });
        limit.clearBelow().ifPresent(clear -> {
            boolean fits = !operator.isDownward()
                    && clear <= upperBound
                    && (operator != Limit.Operator.OUTSIDE || clear > limit.threshold());
            if (!fits) {
                mapping.error("clear_below", "clear_below lies on the unhealthy side of " + operator.key());
            }
        });
    }
}
