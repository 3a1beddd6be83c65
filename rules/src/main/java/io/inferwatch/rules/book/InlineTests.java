package io.inferwatch.rules.book;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.RuleTest.Expectation;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.WhyText;
import io.inferwatch.rules.engine.EngineSnapshot;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Runs the tests that stand in a rules file, each on a virtual clock, through the engine that runs the rules. */
public final class InlineTests {
    /** A test may not take longer than this many ticks: at the default period about eleven days. */
    private static final long MAX_TICKS = 200_000;

    private final Optional<SentChecker> sentChecker;

    /** @param sentChecker without one, an expectation of {@code sent} is an error and never passes */
    public InlineTests(Optional<SentChecker> sentChecker) {
        this.sentChecker = sentChecker;
    }

    /** What does not hold, each at its expectation; empty when every test passes. */
    public List<Problem> run(RuleSet rules) {
        Problems problems = new Problems();
        for (RuleTest test : rules.tests()) {
            run(rules, test, problems);
        }
        return problems.list();
    }

    private void run(RuleSet rules, RuleTest test, Problems problems) {
        RuleSet own = only(rules, test.rule());
        RuleEngine engine = new RuleEngine(own, ExpectedInstances.ALL);
        Optional<SentChecker.Run> sent = sentChecker.map(SentChecker::start);
        List<Expectation> expectations = test.expectations().stream()
                .sorted(Comparator.comparing(Expectation::at))
                .toList();
        Duration end =
                expectations.isEmpty() ? Duration.ZERO : expectations.getLast().at();
        if (end.dividedBy(own.every()) > MAX_TICKS) {
            problems.error(test.node(), "more than " + MAX_TICKS + " ticks; end it earlier or tick less often");
            return;
        }
        Instant t = test.start();
        engine.pastWanted(t).forEach(past -> engine.remember(past, Map.of()));
        TickResult result = tick(engine, test, t, sent);
        for (Expectation expectation : expectations) {
            Instant at = test.start().plus(expectation.at());
            while (!t.plus(own.every()).isAfter(at)) {
                t = t.plus(own.every());
                result = tick(engine, test, t, sent);
            }
            check(test, expectation, new Seen(result, engine.snapshot()), sent, problems);
        }
    }

    private static TickResult tick(RuleEngine engine, RuleTest test, Instant t, Optional<SentChecker.Run> sent) {
        TickResult result = engine.tick(t, new FedSignals(test, t));
        sent.ifPresent(run -> run.onTick(result));
        return result;
    }

    /** The rule and those it refers to. */
    private static RuleSet only(RuleSet rules, String name) {
        Set<String> wanted = new HashSet<>(Set.of(name));
        List<Rule> kept = new ArrayList<>();
        for (Rule rule : rules.rules().reversed()) {
            if (wanted.contains(rule.name())) {
                kept.addFirst(rule);
                rule.conditions().flatMap(Condition::referredRules).forEach(wanted::add);
            }
        }
        return new RuleSet(rules.every(), rules.signals(), kept, rules.plan(), List.of());
    }

    /** What a tick left behind: alerts, and what is known of instances that are none. */
    private record Seen(TickResult result, EngineSnapshot snapshot) {
        /** The most urgent one meant. */
        Optional<Alert> alert(RuleTest test, Expectation expected) {
            return result.alerts().stream()
                    .filter(alert -> alert.key().rule().equals(test.rule()))
                    .filter(alert -> isMeant(expected, alert.key().labels()))
                    .min(Comparator.comparing(InlineTests::urgency));
        }

        Optional<EngineSnapshot.InstanceStatus> quiet(RuleTest test, Expectation expected) {
            return snapshot.rules().stream()
                    .filter(status -> status.rule().name().equals(test.rule()))
                    .flatMap(status -> status.instances().stream())
                    .filter(instance -> isMeant(expected, instance.labels()))
                    .findFirst();
        }

        /** Labels left out do not matter. */
        private static boolean isMeant(Expectation expected, LabelSet labels) {
            return expected.labels()
                    .map(wanted -> labels.only(wanted.names()).equals(wanted))
                    .orElse(true);
        }
    }

    private static void check(
            RuleTest test, Expectation expected, Seen seen, Optional<SentChecker.Run> sent, Problems problems) {
        Optional<Alert> alert = seen.alert(test, expected);
        Optional<EngineSnapshot.InstanceStatus> quiet =
                alert.isPresent() ? Optional.empty() : seen.quiet(test, expected);
        String state = alert.map(a -> nameOf(a.state())).orElse("ok");
        expected.state()
                .filter(s -> !s.equals(state))
                .ifPresent(s -> fail(test, expected, "state", s, state, problems));
        String tier = alert.filter(a -> a.state() instanceof AlertState.Firing)
                .flatMap(a -> tierOf(a.state()))
                .map(Tier::name)
                .orElse("none");
        expected.tier()
                .filter(e -> !e.name().equals(tier))
                .ifPresent(e -> fail(test, expected, "tier", e.name(), tier, problems));
        boolean stale = alert.map(Alert::stale)
                .or(() -> quiet.map(EngineSnapshot.InstanceStatus::stale))
                .orElse(false);
        expected.stale()
                .filter(s -> s != stale)
                .ifPresent(s -> fail(test, expected, "stale", s.toString(), String.valueOf(stale), problems));
        String why = alert.map(Alert::why)
                .or(() -> quiet.map(EngineSnapshot.InstanceStatus::why))
                .map(WhyText::of)
                .orElse("");
        expected.why()
                .filter(part -> !why.contains(part))
                .ifPresent(part -> fail(test, expected, "why", part, why, problems));
        expected.sent().ifPresent(mapping -> {
            if (sent.isEmpty()) {
                problems.error(mapping, title(test, expected) + "sent was not checked: there is no notifier here");
            }
            sent.ifPresent(run -> run.differences(test.rule(), mapping)
                    .forEach(difference -> problems.error(mapping, title(test, expected) + difference)));
        });
    }

    private static void fail(
            RuleTest test, Expectation expected, String what, String wanted, String found, Problems problems) {
        problems.error(
                expected.node(),
                title(test, expected) + what + " is \"" + found.replace("\n", "; ") + "\", not \"" + wanted + "\"");
    }

    private static String title(RuleTest test, Expectation expected) {
        return "test \"" + test.name() + "\" at " + Durations.format(expected.at()) + ": ";
    }

    /** Firing before pending, P0 before P3. */
    private static int urgency(Alert alert) {
        return tierOf(alert.state()).map(Tier::ordinal).orElse(8)
                + (alert.state() instanceof AlertState.Firing ? 0 : 16);
    }

    private static String nameOf(AlertState state) {
        return switch (state) {
            case AlertState.Ok ok -> "ok";
            case AlertState.Pending pending -> "pending";
            case AlertState.Firing firing -> "firing";
        };
    }

    private static Optional<Tier> tierOf(AlertState state) {
        return switch (state) {
            case AlertState.Ok ok -> Optional.empty();
            case AlertState.Pending pending -> Optional.of(pending.tier());
            case AlertState.Firing firing -> Optional.of(firing.tier());
        };
    }
}
