package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.Position;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/** The engine's alerts about the rules themselves, made of the same parts as any other; always on. */
final class OwnRules {
    /** A rule that fails this often in a row is an alert. */
    private static final int ERRORS_IN_A_ROW = 3;

    static final String ERROR = "sidecar_rule_error";
    static final String TOO_MANY = "sidecar_too_many_instances";
    static final Set<String> NAMES = Set.of(ERROR, TOO_MANY);

    private static final String BY = "for_rule";
    private static final Signal ERRORS = new Signal.Internal("rule_errors_in_a_row", Unit.COUNT, Set.of(BY));
    private static final Signal REFUSED = new Signal.Internal("refused_instances", Unit.COUNT, Set.of(BY));

    private OwnRules() {}

    static List<Rule> all() {
        return List.of(
                rule(
                        ERROR,
                        ERRORS,
                        ERRORS_IN_A_ROW,
                        "Rule {{ labels.for_rule }} cannot be evaluated; it is not watching"),
                rule(
                        TOO_MANY,
                        REFUSED,
                        1,
                        "Rule {{ labels.for_rule }} has {{ value }} instances more than max_instances"));
    }

    private static Rule rule(String name, Signal signal, int least, String summary) {
        Condition condition = new Condition.Threshold(signal, Limit.of(Limit.Operator.AT_LEAST, least));
        Duration clearFor = Duration.ofMinutes(2);
        return new Rule(
                name,
                new Position("engine", 1, 1),
                new TreeMap<>(Map.of(Tier.P2, new Rule.TierRule(condition, Duration.ZERO, clearFor))),
                List.of(),
                new NoData(NoData.Policy.KEEP, Duration.ofMinutes(3), Optional.empty(), Duration.ofHours(1)),
                Integer.MAX_VALUE,
                new Rule.Texts(Optional.of(summary), Optional.empty(), Optional.empty(), Map.of()));
    }

    /** Adds the engine's own numbers to what a source has. */
    record Source(SignalSource others, Map<String, RuleRun> runs) implements SignalSource {

        @Override
        public Optional<List<GroupSample>> read(Signal signal) {
            if (signal.equals(ERRORS)) {
                return Optional.of(groups(ERROR, run -> run.errorsInARow, run -> run.everFailed));
            }
            if (signal.equals(REFUSED)) {
                return Optional.of(groups(TOO_MANY, run -> run.refusedInstances, run -> run.refusedInstances > 0));
            }
            return others.read(signal);
        }

        @Override
        public Optional<List<GroupSample>> readPast(Signal signal, Duration shift) {
            return others.readPast(signal, shift);
        }

        @Override
        public boolean everMatched(Signal signal) {
            return signal instanceof Signal.Internal || others.everMatched(signal);
        }

        private List<GroupSample> groups(
                String own, ToLongFunction<RuleRun> value, java.util.function.Predicate<RuleRun> isTold) {
            RuleRun ownRun = runs.get(own);
            return runs.values().stream()
                    .filter(run -> !NAMES.contains(run.rule.name()))
                    .filter(run -> isTold.test(run) || (ownRun != null && ownRun.instances.containsKey(labels(run))))
                    .map(run -> new GroupSample(
                            labels(run),
                            new Sample.Present(value.applyAsLong(run), 1, new Provenance.Exact()),
                            Duration.ofMinutes(1)))
                    .toList();
        }

        private static LabelSet labels(RuleRun run) {
            return LabelSet.of(BY, run.rule.name());
        }
    }
}
