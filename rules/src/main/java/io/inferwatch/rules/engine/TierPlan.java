package io.inferwatch.rules.engine;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * The tiers an instance goes by, made ready: each tier's gate, and the leaves they share.
 *
 * @param tiers most urgent first
 * @param hasSignals whether any leaf reads a signal
 * @param reach how far back a leaf is compared with its past; zero: none is
 */
record TierPlan(List<Step> tiers, List<Condition> leaves, boolean hasSignals, Duration reach) {

    /** @param leaves the numbers of this tier's own leaves */
    record Step(Tier tier, Rule.TierRule rule, Gate gate, List<Integer> leaves) {}

    static TierPlan of(SortedMap<Tier, Rule.TierRule> tiers) {
        List<Condition> leaves = new ArrayList<>();
        List<Step> steps = new ArrayList<>();
        tiers.forEach((tier, rule) -> {
            Gate gate = Gate.compile(rule.condition(), leaves);
            List<Integer> own = rule.condition().leaves().stream()
                    .map(leaves::indexOf)
                    .distinct()
                    .toList();
            steps.add(new Step(tier, rule, gate, own));
        });
        boolean hasSignals =
                leaves.stream().anyMatch(leaf -> leaf.signals().findAny().isPresent());
        Duration reach = leaves.stream()
                .flatMap(Condition::baselines)
                .map(baseline -> baseline.comparison().reach())
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
        return new TierPlan(List.copyOf(steps), List.copyOf(leaves), hasSignals, reach);
    }
}
