package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.yaml.YamlNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One inline test of a rule: what is fed in, and what must come of it when.
 *
 * @param node where it stands
 * @param start the first moment of its virtual clock
 * @param step how far apart the fed values are; each holds until the next
 */
public record RuleTest(
        String name,
        YamlNode node,
        String rule,
        Instant start,
        Duration step,
        List<Input> inputs,
        List<Expectation> expectations) {
    public RuleTest {
        inputs = List.copyOf(inputs);
        expectations = List.copyOf(expectations);
    }

    /** One series fed under a signal's name, in the signal's unit. */
    public record Input(String signal, LabelSet labels, List<Step> values) {
        public Input {
            values = List.copyOf(values);
        }
    }

    /** What a series has in one step. */
    public sealed interface Step {
        record Value(double value) implements Step {}

        /** The series is there and has no value. */
        record Missing() implements Step {}

        /** The series is gone. */
        record Stale() implements Step {}
    }

    /**
     * What must be so at a moment; what is empty is not asserted.
     *
     * @param at since the start
     * @param labels which instance; empty: the most urgent one
     * @param state {@code ok}, {@code pending} or {@code firing}
     * @param why a part of the instance's {@code why}
     * @param sent what each receiver was told of the rule, as written
     */
    public record Expectation(
            YamlNode node,
            Duration at,
            Optional<LabelSet> labels,
            Optional<String> state,
            Optional<Tier> tier,
            Optional<Boolean> stale,
            Optional<String> why,
            Optional<YamlNode.Mapping> sent) {}
}
