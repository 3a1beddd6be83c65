package io.inferwatch.rules;

import io.inferwatch.histograms.SignalQuery;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

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

    /** Every signal: those with a name of their own and those a condition makes for itself. */
    public Stream<Signal> allSignals() {
        return Stream.concat(
                        signals.values().stream(),
                        rules.stream().flatMap(Rule::conditions).flatMap(Condition::signals))
                .distinct();
    }

    /**
     * All questions the rules put to the windows. What is compared with its past is asked once more, of the window that
     * ended up to two ticks ago. What alerts about requests tell of their GPUs is asked as well.
     */
    public List<SignalQuery> queries() {
        Duration late = every.multipliedBy(2).plusSeconds(10);
        Stream<Signal> points = rules.stream()
                .flatMap(Rule::conditions)
                .flatMap(Condition::baselines)
                .map(baseline -> baseline.signal().before(late));
        Stream<Signal> gpus = rules.stream()
                .flatMap(rule -> GpuSignals.windowOf(rule).stream())
                .distinct()
                .flatMap(over -> GpuSignals.over(over).stream());
        return Stream.of(allSignals(), points, gpus)
                .flatMap(each -> each)
                .flatMap(Signal::queries)
                .distinct()
                .toList();
    }
}
