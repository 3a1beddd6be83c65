package io.inferwatch.api.app;

import io.inferwatch.notifier.WeeklySources;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.ValueText;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * Finds, by replaying the stored week with milder limits, where a rule that told too much would have been quiet. Any
 * thread; the replay has one of its own.
 */
final class ThresholdAdvisor implements WeeklySources {
    private static final Duration WEEK = Duration.ofDays(7);
    private static final double[] MILDER = {1.1, 1.25, 1.5, 2, 3};

    /** A limit is worth naming where at most so much of what fired would have. */
    private static final double LEFT = 0.25;

    private final RuleEngine engine;
    private final Replay replay;
    private final InstantSource clock;

    /** Counts what rules would have fired; empty while there is no telling. */
    @FunctionalInterface
    interface Replay {
        Optional<ReplayCount> count(RuleSet rules, Instant from, Instant to);
    }

    /** @param engine that runs the rules */
    ThresholdAdvisor(RuleEngine engine, Replay replay, InstantSource clock) {
        this.engine = engine;
        this.replay = replay;
        this.clock = clock;
    }

    @Override
    public List<String> neverMatched() {
        return engine.snapshot().rules().stream()
                .flatMap(rule -> rule.neverMatched().stream())
                .distinct()
                .toList();
    }

    /** One limit that is tried. */
    private record Variant(Rule rule, String words) {}

    /** Without the rules that nothing is to be said of; empty while a backtest runs. */
    @Override
    public CompletableFuture<Map<String, String>> advise(Set<String> names) {
        CompletableFuture<Map<String, String>> advice = new CompletableFuture<>();
        Thread.ofPlatform().daemon().name("threshold-advice").start(() -> {
            try {
                advice.complete(names.isEmpty() ? Map.of() : advised(names));
            } catch (RuntimeException e) {
                advice.completeExceptionally(e);
            }
        });
        return advice;
    }

    private Map<String, String> advised(Set<String> names) {
        RuleSet inForce = engine.rules();
        Map<String, List<Variant>> variants = new LinkedHashMap<>();
        for (String name : names) {
            inForce.rule(name)
                    .map(ThresholdAdvisor::variants)
                    .filter(tried -> tried.size() > 1)
                    .ifPresent(tried -> variants.put(name, tried));
        }
        List<Rule> rules = variants.values().stream()
                .flatMap(List::stream)
                .map(Variant::rule)
                .toList();
        Instant now = clock.instant();
        Optional<ReplayCount> counted = rules.isEmpty()
                ? Optional.empty()
                : replay.count(
                        new RuleSet(inForce.every(), inForce.signals(), rules, inForce.plan(), List.of()),
                        now.minus(WEEK),
                        now);
        Map<String, String> advice = new TreeMap<>();
        counted.ifPresent(count -> variants.forEach(
                (name, tried) -> advice(tried, count.counts()).ifPresent(words -> advice.put(name, words))));
        return advice;
    }

    /** The first limit, the rule's own aside, under which little enough is left. */
    private static Optional<String> advice(List<Variant> tried, Map<String, Map<Tier, Integer>> counts) {
        int before = fired(tried.getFirst(), counts);
        for (Variant variant : tried.subList(1, tried.size())) {
            int left = fired(variant, counts);
            if (before > 0 && left <= before * LEFT) {
                return Optional.of(
                        "replayed with %s it fires %d instead of %d times".formatted(variant.words(), left, before));
            }
        }
        return Optional.empty();
    }

    private static int fired(Variant variant, Map<String, Map<Tier, Integer>> counts) {
        return counts.getOrDefault(variant.rule().name(), Map.of()).values().stream()
                .mapToInt(Integer::intValue)
                .sum();
    }

    /** Its least urgent tier alone, as it is and with milder limits; empty where that is no single limit. */
    private static List<Variant> variants(Rule rule) {
        List<Variant> variants = new ArrayList<>();
        Tier tier = rule.tiers().lastKey();
        Rule.TierRule own = rule.tiers().get(tier);
        if (own == null || !(own.condition() instanceof Condition.Threshold leaf)) {
            return variants;
        }
        variants.add(new Variant(copy(rule, tier, own, 0), ""));
        for (double factor : MILDER) {
            Optional<Limit> limit =
                    milder(leaf.limit(), factor).filter(milder -> canBe(leaf.signal(), milder.threshold()));
            limit.ifPresent(milder -> {
                Condition condition = new Condition.Threshold(leaf.signal(), milder);
                Rule.TierRule changed = new Rule.TierRule(condition, own.holdFor(), own.clearFor());
                String words = tier + " " + milder.operator().key().replace('_', ' ') + " "
                        + ValueText.compact(
                                milder.threshold(), leaf.signal().unit().symbol());
                variants.add(new Variant(copy(rule, tier, changed, variants.size()), words));
            });
        }
        return variants;
    }

    private static Rule copy(Rule rule, Tier tier, Rule.TierRule only, int number) {
        return new Rule(
                rule.name() + "~" + number,
                rule.position(),
                new TreeMap<>(Map.of(tier, only)),
                List.of(),
                rule.noData(),
                rule.maxInstances(),
                rule.texts());
    }

    private static Optional<Limit> milder(Limit limit, double factor) {
        double by = limit.operator().isUpward() ? factor : 1 / factor;
        boolean hasSide = limit.operator().isUpward() || limit.operator().isDownward();
        return hasSide && limit.threshold() > 0
                ? Optional.of(new Limit(
                        limit.operator(),
                        limit.threshold() * by,
                        limit.upper(),
                        times(limit.clearAbove(), by),
                        times(limit.clearBelow(), by)))
                : Optional.empty();
    }

    private static OptionalDouble times(OptionalDouble value, double by) {
        return value.isPresent() ? OptionalDouble.of(value.getAsDouble() * by) : value;
    }

    /** No share is more than all. */
    private static boolean canBe(Signal signal, double threshold) {
        double most =
                signal.unit().equals(Unit.PERCENT) ? 100 : signal.unit().equals(Unit.RATIO) ? 1 : Double.MAX_VALUE;
        return threshold < most;
    }
}
