package io.inferwatch.rules.load;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.RuleTest.Expectation;
import io.inferwatch.rules.RuleTest.Input;
import io.inferwatch.rules.RuleTest.Step;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the {@code tests} section. */
final class TestReader {
    /** A Monday. */
    private static final Instant DEFAULT_START = Instant.parse("2026-01-05T12:00:00Z");

    private static final Duration LONGEST = Duration.ofDays(30);
    private static final List<String> STATES = List.of("ok", "pending", "firing");

    private final Problems problems;
    private final Set<String> ruleNames;
    private final Map<String, Set<String>> signalsOfRule;
    private final Map<String, Set<String>> labelsOfSignal;

    /**
     * @param signalsOfRule the signals a rule reads, itself or through rules it refers to, operands included
     * @param labelsOfSignal the labels each of them has
     */
    TestReader(
            Problems problems,
            Set<String> ruleNames,
            Map<String, Set<String>> signalsOfRule,
            Map<String, Set<String>> labelsOfSignal) {
        this.problems = problems;
        this.ruleNames = ruleNames;
        this.signalsOfRule = signalsOfRule;
        this.labelsOfSignal = labelsOfSignal;
    }

    Optional<RuleTest> read(MappingReader test) {
        String name = test.require("name") ? test.text("name").orElse("") : "";
        Optional<String> rule = test.require("rule") ? test.scalar("rule").flatMap(this::rule) : Optional.empty();
        Optional<Instant> start = start(test);
        Duration step =
                test.duration("step", Duration.ofSeconds(1), Duration.ofDays(1)).orElse(Duration.ofMinutes(1));
        List<Input> inputs = new ArrayList<>();
        for (MappingReader input : test.mappings("input")) {
            input(input, rule).ifPresent(inputs::add);
        }
        List<Expectation> expectations = new ArrayList<>();
        for (MappingReader expect : test.mappings("expect")) {
            expectation(expect).ifPresent(expectations::add);
        }
        if (test.require("expect") && expectations.isEmpty()) {
            test.error("expect", "a test without an expectation tests nothing");
        }
        test.refuseUnknown();
        return rule.isPresent() && start.isPresent()
                ? Optional.of(new RuleTest(name, test.mapping(), rule.get(), start.get(), step, inputs, expectations))
                : Optional.empty();
    }

    private Optional<String> rule(Scalar name) {
        if (ruleNames.contains(name.text())) {
            return Optional.of(name.text());
        }
        unknown(name, "rule", ruleNames);
        return Optional.empty();
    }

    private Optional<Instant> start(MappingReader test) {
        Optional<Scalar> written = test.scalar("start");
        if (written.isEmpty()) {
            return Optional.of(DEFAULT_START);
        }
        try {
            return Optional.of(Instant.parse(written.get().text()));
        } catch (DateTimeParseException e) {
            problems.error(written.get(), "\"" + written.get().text() + "\" is no RFC 3339 time in UTC");
            return Optional.empty();
        }
    }

    private Optional<Input> input(MappingReader input, Optional<String> rule) {
        Optional<Scalar> signal = input.require("signal") ? input.scalar("signal") : Optional.empty();
        Set<String> known =
                rule.map(r -> signalsOfRule.getOrDefault(r, Set.of())).orElse(Set.of());
        if (signal.isPresent()
                && rule.isPresent()
                && !known.contains(signal.get().text())) {
            Optional<String> hint =
                    NearestName.among(known, signal.get().text()).map(nearest -> "did you mean \"" + nearest + "\"?");
            String message =
                    "rule " + rule.get() + " reads no signal \"" + signal.get().text() + "\"";
            problems.add(new Problem(signal.get().position(), signal.get().path(), message, hint, false));
        }
        LabelSet labels = labels(input).orElse(LabelSet.EMPTY);
        signal.map(Scalar::text).map(labelsOfSignal::get).ifPresent(has -> warnOfOthers(input, labels, has));
        Optional<Scalar> values = input.require("values") ? input.scalar("values") : Optional.empty();
        Optional<List<Step>> steps = values.flatMap(v -> SeriesNotation.parse(v.text()));
        if (values.isPresent() && steps.isEmpty()) {
            problems.error(
                    values.get(),
                    "\"" + values.get().text() + "\" is no series",
                    "write \"300x4 600x6\", \"1+1x20\", \"_x3\" or \"stale\"");
        }
        input.refuseUnknown();
        return signal.isPresent() && steps.isPresent()
                ? Optional.of(new Input(signal.get().text(), labels, steps.get()))
                : Optional.empty();
    }

    /** A series with more labels than its signal is one that no rule ever sees. */
    private void warnOfOthers(MappingReader input, LabelSet labels, Set<String> has) {
        for (String label : labels.names()) {
            if (!has.contains(label)) {
                String there = has.isEmpty() ? "none" : String.join(", ", new TreeSet<>(has));
                problems.warning(
                        input.node("labels").orElse(input.mapping()),
                        "signal " + input.text("signal").orElse("") + " has no label \"" + label + "\"; it has "
                                + there);
            }
        }
    }

    private static Optional<LabelSet> labels(MappingReader reader) {
        return reader.mapping("labels").map(labels -> {
            Map<String, String> all = new TreeMap<>();
            for (String name : labels.mapping().entries().keySet()) {
                labels.text(name).ifPresent(value -> all.put(name, value));
            }
            return LabelSet.of(all);
        });
    }

    private Optional<Expectation> expectation(MappingReader expect) {
        Optional<Duration> at = expect.require("at") ? expect.duration("at", Duration.ZERO, LONGEST) : Optional.empty();
        Optional<LabelSet> labels = labels(expect);
        Optional<String> state = expect.oneOf("state", STATES);
        Optional<Tier> tier = expect.oneOf("tier", RuleReader.TIERS).map(Tier::valueOf);
        Optional<Boolean> stale = expect.bool("stale");
        Optional<String> why = expect.text("why");
        Optional<YamlNode.Mapping> sent = expect.mapping("sent").map(MappingReader::mapping);
        boolean asserts =
                state.isPresent() || tier.isPresent() || stale.isPresent() || why.isPresent() || sent.isPresent();
        if (!asserts) {
            problems.error(expect.mapping(), "one of state, tier, stale, why and sent is needed here");
        }
        expect.refuseUnknown();
        return at.map(when -> new Expectation(expect.mapping(), when, labels, state, tier, stale, why, sent));
    }

    private void unknown(Scalar where, String what, Set<String> names) {
        Optional<String> hint =
                NearestName.among(names, where.text()).map(nearest -> "did you mean \"" + nearest + "\"?");
        String message = "unknown " + what + " \"" + where.text() + "\"";
        problems.add(new Problem(where.position(), where.path(), message, hint, false));
    }
}
