package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Truth;
import io.inferwatch.rules.testing.EngineRun;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What holds for every sequence of values. The seed stands in each failure. */
class RuleEnginePropertyTest {
    private static final String HEAD = """
            version: 1
            defaults: {every: 5s, clear_for: 10s, no_data: {policy: POLICY, after: 20s, tier: P0, expire: 2m}}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              x: {metric: custom.x, agg: avg, over: 1m, by: [model, server]}
              y: {metric: custom.y, agg: avg, over: 1m, by: [model]}
            rules:
            """;
    private static final List<String> RULES = List.of("""
              single:
                signal: x
                tiers: {P3: {above: 3, clear_below: 2}, P2: {above: 5, for: 10s, clear_below: 4}, P1: {above: 8, for: 5s}}
            """, """
              mixed:
                tiers:
                  P1: {for: 5s, at_least: 2, of: [{signal: x, above: 4, clear_below: 3}, {signal: y, below: 4}, {not: {signal: y, above: 7}}]}
                  P2: {any: [{signal: x, above: 6}, {rule: single, tier: P2}]}
            """, """
              scored:
                score: [{weight: 2, signal: x, above: 5, clear_below: 4}, {weight: 1, signal: y, above: 5}]
                tiers: {P2: {above: 30, for: 5s}, P0: {above: 90, for: 10s, clear_below: 70}}
            """, """
              compared:
                signal: x
                compare: {to: trailing, window: 5m, of: avg, as: delta, min_points: 2, exclude_max: 2m}
                tiers: {P2: {above: 3, clear_below: 1}, P1: {above: 5, for: 5s}}
            """, """
              counted:
                tiers: {P1: {for: 5s, instances: {rule: single, tier: P2, by: [model], at_least: 60%}}, P3: {instances: {rule: compared, at_least: 1}}}
            """);

    private static String rules(List<String> order, String policy) {
        return HEAD.replace("POLICY", policy) + String.join("", order);
    }

    private static void perturb(EngineRun run, Random random) {
        for (String server : List.of("a", "b")) {
            LabelSet labels = LabelSet.of("model", "m", "server", server);
            switch (random.nextInt(8)) {
                case 0 -> run.missing("x", labels);
                case 1 -> run.gone("x", labels);
                case 2, 3, 4 -> run.set("x", labels, random.nextInt(11));
                default -> {}
            }
        }
        LabelSet model = LabelSet.of("model", "m");
        switch (random.nextInt(8)) {
            case 0 -> run.missing("y", model);
            case 1, 2 -> run.set("y", model, random.nextInt(11));
            default -> {}
        }
    }

    private static String policy(long seed) {
        return List.of("keep", "clear", "alert", "ignore").get((int) (seed % 4));
    }

    @RepeatedTest(40)
    void restartAtAnyTickIsNoRestart() {
        long seed = new Random().nextInt(1_000_000);
        EngineRun whole = new EngineRun(rules(RULES, policy(seed)));
        EngineRun broken = new EngineRun(rules(RULES, policy(seed)));
        Random left = new Random(seed);
        Random right = new Random(seed);
        Random restarts = new Random(seed + 1);
        for (int i = 0; i < 300; i++) {
            perturb(whole, left);
            perturb(broken, right);
            whole.tick();
            broken.tick();
            assertThat(told(broken)).as("seed %d tick %d", seed, i).isEqualTo(told(whole));
            assertThat(facts(broken)).as("seed %d tick %d", seed, i).isEqualTo(facts(whole));
            if (restarts.nextInt(5) == 0) {
                broken.restart(Duration.ZERO);
            }
        }
        assertThat(whole.transitions).as("seed %d", seed).isNotEmpty();
    }

    private static List<String> told(EngineRun run) {
        return run.raw.stream()
                .map(t -> t.at() + " " + t.getClass().getSimpleName()
                        + t.alert().key() + t.alert().id())
                .sorted()
                .toList();
    }

    private static List<String> facts(EngineRun run) {
        return run.alerts.stream()
                .map(a -> a.key() + a.id() + a.state())
                .sorted()
                .toList();
    }

    @RepeatedTest(20)
    void evaluationDoesNotDependOnTheOrderOfTheRules() {
        long seed = new Random().nextInt(1_000_000);
        EngineRun forward = new EngineRun(rules(RULES, policy(seed)));
        EngineRun backward = new EngineRun(rules(RULES.reversed(), policy(seed)));
        Random left = new Random(seed);
        Random right = new Random(seed);
        for (int i = 0; i < 200; i++) {
            perturb(forward, left);
            perturb(backward, right);
            forward.tick();
            backward.tick();
            assertThat(facts(backward)).as("seed %d tick %d", seed, i).isEqualTo(facts(forward));
        }
    }

    /** Whatever order a store hands its groups out in. */
    @RepeatedTest(10)
    void replayedHistoryTellsWhatTheLiveRunTold() {
        long seed = new Random().nextInt(1_000_000);
        EngineRun live = new EngineRun(rules(RULES, policy(seed)));
        EngineRun replay = new EngineRun(rules(RULES, policy(seed)));
        replay.shuffled(new Random(seed + 1));
        Random left = new Random(seed);
        Random right = new Random(seed);
        for (int i = 0; i < 300; i++) {
            perturb(live, left);
            live.tick();
        }
        for (int i = 0; i < 300; i++) {
            perturb(replay, right);
            replay.tick();
        }
        assertThat(told(replay)).as("seed %d", seed).isEqualTo(told(live)).isNotEmpty();
        assertThat(facts(replay)).as("seed %d", seed).isEqualTo(facts(live));
    }

    @RepeatedTest(10)
    void aClockThatStepsBackChangesNothing() {
        long seed = new Random().nextInt(1_000_000);
        EngineRun run = new EngineRun(rules(RULES, policy(seed)));
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            perturb(run, random);
            run.tick();
            if (random.nextInt(5) == 0) {
                List<String> before = facts(run);
                int toldBefore = run.raw.size();
                Instant now = run.now;
                run.now = now.minusSeconds(1 + random.nextInt(3_600));
                run.tick();
                run.now = now;
                assertThat(facts(run)).as("seed %d tick %d", seed, i).isEqualTo(before);
                assertThat(run.raw).as("seed %d tick %d", seed, i).hasSize(toldBefore);
            }
        }
    }

    @RepeatedTest(20)
    void anAlertOpensOnceChangesBetweenItsTiersAndCloses() {
        long seed = new Random().nextInt(1_000_000);
        EngineRun run = new EngineRun(rules(RULES, policy(seed)));
        Random random = new Random(seed);
        for (int i = 0; i < 300; i++) {
            perturb(run, random);
            run.tick();
            assertThat(run.alerts.stream().map(a -> a.key()).distinct().count())
                    .as("seed %d tick %d: one state an instance", seed, i)
                    .isEqualTo(run.alerts.size());
        }
        Map<AlertKey, String> open = new HashMap<>();
        List<String> faults = new ArrayList<>();
        for (AlertTransition transition : run.raw) {
            AlertKey key = transition.alert().key();
            String tier =
                    ((AlertState.Firing) transition.alert().state()).tier().name();
            switch (transition) {
                case AlertTransition.Opened o -> check(open.put(key, tier) == null, o, faults);
                case AlertTransition.TierChanged c ->
                    check(
                            c.from().name().equals(open.put(key, tier))
                                    && !c.from().name().equals(tier),
                            c,
                            faults);
                case AlertTransition.Closed c -> check(tier.equals(open.remove(key)), c, faults);
            }
        }
        assertThat(faults).as("seed %d", seed).isEmpty();
        long firing = run.alerts.stream()
                .filter(a -> a.state() instanceof AlertState.Firing)
                .count();
        assertThat(open).as("seed %d", seed).hasSize((int) firing);
    }

    private static void check(boolean holds, AlertTransition transition, List<String> faults) {
        if (!holds) {
            faults.add(transition.toString());
        }
    }

    /** Every gate against its definition, over all combinations of three-valued leaves. */
    @Test
    void gatesAgreeWithKleene() {
        for (int combination = 0; combination < 27; combination++) {
            Truth[] truths = new Truth[3];
            for (int i = 0, rest = combination; i < 3; i++, rest /= 3) {
                truths[i] = List.of(Truth.values()).get(rest % 3);
            }
            List<Boolean> possibleAll = outcomes(truths, 3);
            List<Boolean> possibleTwo = outcomes(truths, 2);
            List<Boolean> possibleAny = outcomes(truths, 1);
            assertThat(gate(truths, 3)).isEqualTo(known(possibleAll));
            assertThat(gate(truths, 2)).isEqualTo(known(possibleTwo));
            assertThat(gate(truths, 1)).isEqualTo(known(possibleAny));
        }
    }

    private static Truth known(List<Boolean> outcomes) {
        return outcomes.size() == 1 ? Truth.of(outcomes.getFirst()) : Truth.UNKNOWN;
    }

    /** What k-of-n comes to under every way the unknown leaves could turn out. */
    private static List<Boolean> outcomes(Truth[] truths, int least) {
        List<Boolean> outcomes = new ArrayList<>();
        for (int world = 0; world < 8; world++) {
            int bits = world;
            long trues = 0;
            for (int i = 0; i < 3; i++) {
                boolean value = truths[i] == Truth.UNKNOWN ? ((bits >> i) & 1) == 1 : truths[i] == Truth.TRUE;
                trues += value ? 1 : 0;
            }
            if (!outcomes.contains(trues >= least)) {
                outcomes.add(trues >= least);
            }
        }
        return outcomes;
    }

    private static Truth gate(Truth[] truths, int least) {
        List<Condition> leaves = new ArrayList<>();
        List<Condition> refs = Arrays.stream(new String[] {"a", "b", "c"})
                .<Condition>map(name -> new Condition.RuleRef(name, Tier.P1, Optional.empty()))
                .toList();
        Gate gate = Gate.compile(new Condition.AtLeast(least, refs), leaves);
        return gate.of(
                new Gate.Leaves() {
                    @Override
                    public Truth at(int leaf) {
                        return truths[leaf];
                    }

                    @Override
                    public boolean isLeftOut(int leaf) {
                        return false;
                    }
                },
                false);
    }
}
