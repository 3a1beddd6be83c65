package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.WhyText;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RuleEngineTest {
    private static final LabelSet M1 = LabelSet.of("model", "m1");
    private static final LabelSet M1A = LabelSet.of("model", "m1", "server", "a");
    private static final LabelSet M1B = LabelSet.of("model", "m1", "server", "b");

    private static String rules(String rule) {
        return """
            version: 1
            defaults: {every: 5s, clear_for: 10s, no_data: {policy: keep, after: 1m}}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}
              tpot: {metric: llm.tpot, agg: p95, over: 5m, by: [model, server], unit: ms}
              quality: {metric: eval.quality, agg: avg, over: 5m, by: [model]}
              level: {metric: custom.level, agg: last, over: 1m, by: [model]}
            rules:
            """ + rule.indent(2);
    }

    private static final String SLOW = rules("""
            slow:
              signal: ttft
              tiers:
                P2: {above: 500ms, for: 20s, clear_below: 400ms}
                P1: {above: 1s, for: 10s, clear_below: 900ms}
              summary: "{{ value }} over {{ threshold }} on {{ labels.model }} {{ oops }}"
            """);

    @Test
    void firesAfterItsTimeAndClearsThroughTheDeadBand() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(25));
        run.set("ttft", M1A, 450).ticks(Duration.ofSeconds(60));
        run.set("ttft", M1A, 399).ticks(Duration.ofSeconds(15));
        assertThat(run.transitions).containsExactly("20 opened firing P2", "95 closed cleared");
    }

    @Test
    void pendingBeginsAnew_whenTheConditionLetsGo() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(20));
        assertThat(run.state()).isEqualTo("pending P2");
        run.set("ttft", M1A, 100).tick();
        assertThat(run.state()).isEqualTo("ok");
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(20));
        assertThat(run.state()).isEqualTo("pending P2");
    }

    @Test
    void changesTierAndComesBack() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 1500).ticks(Duration.ofSeconds(30));
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(20));
        assertThat(run.transitions).containsExactly("10 opened firing P1", "40 P1 to firing P2");
    }

    /** Kapacitor's own vector: with a latch for each tier the way back does not depend on the way there. */
    @Test
    void tiersKeepTheirOwnDeadBands() {
        EngineRun run = new EngineRun(rules("""
            level:
              signal: level
              clear_for: 0s
              tiers:
                P3: {above: 60, clear_below: 50}
                P2: {above: 70, clear_below: 60}
                P1: {above: 80, clear_below: 70}
            """));
        List<String> states = new ArrayList<>();
        for (double value : new double[] {61, 73, 64, 85, 62, 56, 47}) {
            run.set("level", M1, value).tick();
            states.add(run.state());
        }
        assertThat(states)
                .containsExactly("firing P3", "firing P2", "firing P2", "firing P1", "firing P2", "firing P3", "ok");
    }

    @Test
    void unknownKeepsAPendingTierForAWhileAndThenDropsIt() {
        EngineRun run = new EngineRun(SLOW.replace("for: 20s", "for: 3m"));
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(60));
        run.missing("ttft", M1A).ticks(Duration.ofSeconds(55));
        assertThat(run.state()).startsWith("pending");
        run.ticks(Duration.ofSeconds(20));
        assertThat(run.state()).isEqualTo("ok");
    }

    @Test
    void staleStateStands_untilItExpires() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        run.missing("ttft", M1A).ticks(Duration.ofSeconds(70));
        assertThat(run.state()).isEqualTo("firing P2 stale");
        run.gone("ttft", M1A).ticks(Duration.ofHours(1));
        assertThat(run.transitions).containsExactly("20 opened firing P2", "3630 closed no data for 1h");
        assertThat(run.raw.getLast().alert().value()).as("the last there was").isNotEqualTo("no data");
        assertThat(run.engine.snapshot().rules().getFirst().instances()).isEmpty();
        assertThat(run.stored()).isEmpty();
    }

    @Test
    void policyClearCloses_andPolicyIgnoreIsNeverStale() {
        EngineRun clear = new EngineRun(SLOW.replace("policy: keep", "policy: clear"));
        clear.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        clear.missing("ttft", M1A).ticks(Duration.ofSeconds(65));
        assertThat(clear.transitions).containsExactly("20 opened firing P2", "90 closed no data for 1m");
        EngineRun ignore = new EngineRun(SLOW.replace("policy: keep", "policy: ignore"));
        ignore.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        ignore.missing("ttft", M1A).ticks(Duration.ofMinutes(10));
        assertThat(ignore.state()).isEqualTo("firing P2");
    }

    @Test
    void policyAlertFiresOnSilence_neverExpires_andClearsWhenDataIsBack() {
        EngineRun run = new EngineRun(SLOW.replace("policy: keep", "policy: alert, tier: P0"));
        run.set("ttft", M1A, 100).ticks(Duration.ofSeconds(10));
        run.gone("ttft", M1A).ticks(Duration.ofHours(3));
        assertThat(run.state()).isEqualTo("firing P0 stale");
        run.set("ttft", M1A, 100).ticks(Duration.ofSeconds(20));
        assertThat(run.transitions).containsExactly("70 opened firing P0 stale", "10820 closed cleared");
    }

    @Test
    void compositesFollowKleene() {
        EngineRun any = new EngineRun(rules("""
            r:
              tiers:
                P1: {any: [{signal: ttft, above: 1s}, {signal: tpot, above: 50ms}]}
                P2: {all: [{signal: ttft, above: 1s}, {not: {signal: tpot, above: 50ms}}]}
            """));
        any.set("ttft", M1A, 2000).missing("tpot", M1A).tick();
        assertThat(any.state()).isEqualTo("firing P1");
        EngineRun all = new EngineRun(rules("""
            r: {tiers: {P2: {all: [{signal: ttft, above: 1s}, {not: {signal: tpot, above: 50ms}}]}}}
            """));
        all.set("ttft", M1A, 2000).missing("tpot", M1A).tick();
        assertThat(all.state()).isEqualTo("ok");
        all.set("tpot", M1A, 10).tick();
        assertThat(all.state()).isEqualTo("firing P2");
    }

    @Test
    void twoOfThreeDecides_whenTheThirdIsUnknown() {
        EngineRun run = new EngineRun(rules("""
            r:
              tiers:
                P1:
                  at_least: 2
                  of: [{signal: ttft, above: 1s}, {signal: tpot, above: 50ms}, {signal: quality, below: 0.5}]
            """));
        run.set("ttft", M1A, 2000).set("tpot", M1A, 60).missing("quality", M1).tick();
        assertThat(run.state()).isEqualTo("firing P1");
        assertThat(WhyText.of(run.alerts.getFirst().why()))
                .isEqualTo("ttft=2s > 1s\ntpot=60ms > 50ms\nquality unknown: no data");
    }

    @Test
    void aScoreIsARangeWhileAPartIsUnknown_andLeavesOutWhatNeverWas() {
        String text = rules("""
            r:
              score:
                - {weight: 60, signal: ttft, above: 1s}
                - {weight: 40, signal: quality, below: 0.5}
              tiers: {P2: {above: 50}, P1: {above: 90}}
            """);
        EngineRun run = new EngineRun(text);
        run.set("ttft", M1A, 2000).missing("quality", M1).tick();
        assertThat(run.state()).isEqualTo("firing P2");
        EngineRun without = new EngineRun(text);
        without.set("ttft", M1A, 2000).tick();
        assertThat(without.state()).isEqualTo("firing P1");
        assertThat(without.engine.snapshot().rules().getFirst().neverMatched()).containsExactly("quality");
    }

    @Test
    void aLeafWithFewerLabelsServesAll_andMakesNoInstance() {
        EngineRun run = new EngineRun(rules("""
            r: {tiers: {P2: {all: [{signal: ttft, above: 1s}, {signal: quality, below: 0.5}]}}}
            """));
        run.set("ttft", M1A, 2000).set("ttft", M1B, 2000).set("quality", M1, 0.1);
        run.set("quality", LabelSet.of("model", "other"), 0.1).tick();
        assertThat(run.alerts).extracting(alert -> alert.key().labels()).containsExactlyInAnyOrder(M1A, M1B);
    }

    @Test
    void aRuleReferenceSeesTheSameTick_whereverItIsWritten() {
        EngineRun run = new EngineRun(rules("""
            a_symptom:
              tiers: {P2: {all: [{signal: tpot, above: 50ms}, {not: {rule: cause, tier: P1, match_on: [model]}}]}}
            cause: {signal: ttft, tiers: {P1: {above: 1s}}}
            """));
        run.set("ttft", M1A, 2000).set("tpot", M1B, 60).tick();
        assertThat(run.alerts).singleElement().extracting(a -> a.key().rule()).isEqualTo("cause");
        run.set("ttft", M1A, 10).ticks(Duration.ofSeconds(20));
        assertThat(run.alerts).singleElement().extracting(a -> a.key().rule()).isEqualTo("a_symptom");
    }

    @Test
    void anOverrideChangesTheTiersOfItsInstances() {
        EngineRun run = new EngineRun(
                SLOW.replace(
                        "  summary:",
                        "  overrides: [{where: {server: 'b*'}, tiers: {P2: {above: 900ms, clear_below: 800ms}}}]\n    summary:"));
        run.set("ttft", M1A, 600).set("ttft", M1B, 600).ticks(Duration.ofMinutes(1));
        assertThat(run.alerts).singleElement().extracting(a -> a.key().labels()).isEqualTo(M1A);
    }

    @Test
    void newInstancesAreRefusedPastTheLimit_andOneAlertSaysSo() {
        EngineRun run = new EngineRun(SLOW.replace("  summary:", "  max_instances: 2\n    summary:"));
        for (int i = 0; i < 5; i++) {
            run.set("ttft", LabelSet.of("model", "m" + i), 2000);
        }
        run.ticks(Duration.ofSeconds(15));
        assertThat(run.transitions).containsExactly("0 opened firing P2", "10 opened firing P1", "10 opened firing P1");
        assertThat(run.alerts)
                .anyMatch(a -> a.key().rule().equals("sidecar_too_many_instances")
                        && a.summary().equals("Rule slow has 3 instances more than max_instances"));
    }

    @Test
    void oneRulesErrorHarmsNoOther_andIsAnAlertAfterThreeTicks() {
        EngineRun run = new EngineRun(rules("""
            broken: {signal: tpot, tiers: {P1: {above: 50ms}}}
            fine: {signal: ttft, tiers: {P1: {above: 1s}}}
            """));
        run.set("ttft", M1A, 2000).set("tpot", M1A, 60).tick();
        assertThat(run.alerts).hasSize(2);
        SignalSource failing = new SignalSource() {
            @Override
            public java.util.Optional<List<io.inferwatch.histograms.GroupSample>> read(io.inferwatch.rules.Signal s) {
                if (s.name().equals("tpot")) {
                    throw new IllegalStateException("no such window");
                }
                return run.read(s);
            }

            @Override
            public boolean everMatched(io.inferwatch.rules.Signal signal) {
                return true;
            }
        };
        List<Alert> last = List.of();
        for (int i = 1; i <= 3; i++) {
            last = run.engine.tick(run.now.plusSeconds(5L * i), failing).alerts();
        }
        assertThat(last).extracting(a -> a.key().rule()).containsExactly("broken", "fine", "sidecar_rule_error");
        assertThat(run.engine.snapshot().rules().getFirst().error()).contains("IllegalStateException: no such window");
    }

    @Test
    void aBrokenTemplateSpoilsItsTextOnly() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 1234).ticks(Duration.ofSeconds(30));
        Alert alert = run.alerts.getFirst();
        assertThat(alert.summary()).isEqualTo("1.23 s over 1 s on m1 {{ oops }}");
        assertThat(alert.value()).isEqualTo("1.23 s");
        assertThat(alert.why()).singleElement().satisfies(leaf -> {
            assertThat(leaf.held()).isEqualTo(Duration.ofSeconds(25));
            assertThat(leaf.samples()).isEqualTo(10);
            assertThat(leaf.spark()).isEqualTo("▁▁");
        });
    }

    /** As of a GPU that an operator accepts to be gone: nobody waits an hour for its alert to expire. */
    @Test
    void whatASourceThatLeftFiredCloses_alsoWhereMissingDataKeepsAnAlert() {
        RuleSet rules = RuleTexts.rules("""
                version: 1
                signals: {up: {metric: gpu.up, agg: last, over: 1m, by: [gpu, uuid]}}
                rules: {lost: {signal: up, tiers: {P1: {equals: 0}}}}
                """);
        LabelSet gone = LabelSet.of("gpu", "1", "uuid", "GPU-1");
        LabelSet never = LabelSet.of("gpu", "2", "uuid", "GPU-2");
        EngineRun source = new EngineRun("version: 1\nrules: {}\n");
        boolean[] isExpected = {true};
        RuleEngine engine =
                new RuleEngine(rules, key -> isExpected[0] && key.labels().equals(gone));
        Instant t = EngineRun.START;
        source.set("up", gone, 0).set("up", never, 0);
        assertThat(engine.tick(t, source).alerts()).hasSize(2);

        isExpected[0] = false;
        assertThat(engine.tick(t.plusSeconds(5), source).alerts())
                .as("its data is still there")
                .hasSize(2);
        source.missing("up", gone).missing("up", never);
        assertThat(engine.tick(t.plusSeconds(10), source).transitions())
                .singleElement()
                .isInstanceOfSatisfying(AlertTransition.Closed.class, closed -> {
                    assertThat(closed.reason()).isEqualTo("its source left configuration or discovery");
                    assertThat(closed.alert().labels()).isEqualTo(gone);
                });
        assertThat(engine.tick(t.plusSeconds(15), source).alerts())
                .as("what was never expected waits until it expires")
                .hasSize(1);
    }

    @Test
    void silenceOfASourceThatLeftIsNoAlert_andWhatItFiredCloses() {
        RuleSet rules = RuleTexts.rules("""
                version: 1
                signals: {up: {metric: server.up, agg: last, over: 30s, by: [server]}}
                rules:
                  down:
                    signal: up
                    no_data: {policy: alert, after: 1m, tier: P0}
                    tiers: {P0: {equals: 0}}
                """);
        LabelSet server = LabelSet.of("server", "a");
        EngineRun source = new EngineRun("version: 1\nrules: {}\n");
        boolean[] isConfigured = {true};
        RuleEngine engine = new RuleEngine(rules, key -> isConfigured[0]);
        Instant t = EngineRun.START;
        source.set("up", server, 0);
        assertThat(engine.tick(t, source).transitions()).singleElement().isInstanceOf(AlertTransition.Opened.class);
        isConfigured[0] = false;
        source.missing("up", server);
        assertThat(engine.tick(t.plusSeconds(5), source).transitions())
                .singleElement()
                .isInstanceOfSatisfying(
                        AlertTransition.Closed.class,
                        closed -> assertThat(closed.reason()).isEqualTo("its source left configuration or discovery"));
        for (int tick = 2; tick < 60; tick++) {
            assertThat(engine.tick(t.plusSeconds(5L * tick), source).alerts()).isEmpty();
        }
        isConfigured[0] = true;
        for (int tick = 60; tick < 80; tick++) {
            engine.tick(t.plusSeconds(5L * tick), source);
        }
        assertThat(engine.tick(t.plusSeconds(400), source).alerts())
                .as("configured again")
                .hasSize(1);
    }
}
