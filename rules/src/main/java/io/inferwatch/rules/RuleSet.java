package io.inferwatch.rules;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A loaded, checked, immutable set of rules.
 *
 * @param every the evaluation period, 1 s to 5 min
 * @param rules in an order in which each comes after those it refers to
 */
public record RuleSet(
        Duration every, Map<String, Signal> signals, List<Rule> rules, NotificationPlan plan, List<RuleTest> tests) {
    public RuleSet {
        signals = Map.copyOf(signals);
        rules = List.copyOf(rules);
        tests = List.copyOf(tests);
    }

    public Optional<Rule> rule(String name) {
        return rules.stream().filter(rule -> rule.name().equals(name)).findFirst();
    }
}
