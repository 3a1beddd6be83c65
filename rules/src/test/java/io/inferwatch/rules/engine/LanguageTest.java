package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.WhyText;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Burn rates, counted instances, graces, names of before, brackets. */
class LanguageTest {
    private static final LabelSet M = LabelSet.of("model", "m");
    private static final String HEAD = """
            version: 1
            defaults: {every: 5s, clear_for: 10s, no_data: {policy: keep, after: 1m}}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}
            rules:
            """;
    private static final String BUDGET = HEAD + """
              budget:
                burn_rate: {bad: {metric: llm.requests, where: {outcome: error}}, total: {metric: llm.requests}, objective: 99%, period: 30d, by: [model]}
                tiers:
                  P1: {any: [{factor: 14.4, long: 1h, short: 5m}, {factor: 6, long: 6h, short: 30m}]}
                  P3: {factor: 1, long: 3d, short: 6h}
            """;
    private static final String SLOW = HEAD + """
              slow: {signal: ttft, tiers: {P2: {above: 500ms}, P1: {above: 1s}}}
            """;

    private static LabelSet server(String name) {
        return LabelSet.of("model", "m", "server", name);
    }

    @Test
    void aBudgetBurns_whenBothWindowsDo() {
        EngineRun run = new EngineRun(BUDGET);
        run.set("budget.burn_6h", M, 1).set("budget.burn_30m", M, 1).set("budget.burn_3d", M, 0);
        run.set("budget.burn_1h", M, 20).set("budget.burn_5m", M, 14.4).tick();
        assertThat(run.state()).as("the short window is not past the factor").isEqualTo("ok");
        run.set("budget.burn_5m", M, 14.5).tick();
        assertThat(run.state()).isEqualTo("firing P1");
        assertThat(WhyText.of(run.alerts.getFirst().why())).contains("budget.burn_1h=20x > 14.4x");
        run.set("budget.burn_5m", M, 0).ticks(Duration.ofSeconds(15));
        assertThat(run.state()).as("the short window ends it").isEqualTo("ok");
        run.set("budget.burn_3d", M, 1.1).set("budget.burn_6h", M, 1.2).tick();
        assertThat(run.state()).isEqualTo("firing P3");
    }

    @Test
    void instancesAreCounted_byNumberAndByShare() {
        EngineRun run = new EngineRun(SLOW + """
                  some: {tiers: {P1: {instances: {rule: slow, tier: P2, by: [model], at_least: 2}}}}
                  half: {tiers: {P1: {instances: {rule: slow, tier: P1, at_least: 50%}}}}
                """);
        run.set("ttft", server("a"), 600)
                .set("ttft", server("b"), 100)
                .set("ttft", server("c"), 100)
                .tick();
        assertThat(run.alerts).extracting(a -> a.key().rule()).containsExactly("slow");
        run.set("ttft", server("b"), 1200).set("ttft", server("c"), 1200).tick();
        assertThat(run.alerts).extracting(a -> a.key().rule()).containsExactly("slow", "slow", "slow", "some", "half");
        assertThat(run.alerts.get(3).key().labels()).isEqualTo(M);
        assertThat(WhyText.of(run.alerts.get(4).why())).startsWith("instances of slow at P1 or above=66.7% >= 50%");
    }

    @Test
    void inItsGraceAfterTheStartNothingOpens_andWhatHeldOpensWhenItEnds() {
        EngineRun run = new EngineRun(SLOW.replace("signal: ttft", "signal: ttft, grace: {after: start, for: 1m}"));
        run.set("ttft", server("a"), 600).ticks(Duration.ofMinutes(1));
        assertThat(run.state()).isEqualTo("pending P2");
        run.tick();
        assertThat(run.transitions).containsExactly("60 opened firing P2");
    }

    @Test
    void inTheGraceOfADeployWhatConcernsItDoesNotOpen_butMayRise() {
        String rules = SLOW.replace("signal: ttft", "signal: ttft, grace: {after: deploy, for: 1m}");
        Instant deploy = EngineRun.START.plusSeconds(30);
        DeployMarks marks = (labels, t) -> labels.get("server").equals(Optional.of("a")) && !t.isBefore(deploy)
                ? Optional.of(deploy)
                : Optional.empty();
        EngineRun run = new EngineRun(rules);
        run.engine = new RuleEngine(run.engine.rules(), ExpectedInstances.ALL, marks);
        run.set("ttft", server("c"), 600).ticks(Duration.ofSeconds(30));
        run.set("ttft", server("a"), 600)
                .set("ttft", server("b"), 600)
                .set("ttft", server("c"), 1200)
                .tick();
        assertThat(run.transitions)
                .as("a waits, b is not concerned, c was open before")
                .containsExactly("0 opened firing P2", "30 P2 to firing P1", "30 opened firing P2");
        run.ticks(Duration.ofSeconds(60));
        assertThat(run.transitions).last().isEqualTo("90 opened firing P2");
    }

    @Test
    void aRenamedRuleGoesOnWhereItWas() {
        EngineRun run = new EngineRun(SLOW.replace("P2: {above: 500ms}", "P2: {above: 500ms, for: 1m}"));
        run.set("ttft", server("a"), 600).ticks(Duration.ofSeconds(30));
        String renamed = SLOW.replace("P2: {above: 500ms}", "P2: {above: 500ms, for: 1m}")
                .replace("slow: {", "late: {was: slow, ");
        run.engine.use(RuleTexts.rules(renamed));
        run.ticks(Duration.ofSeconds(35));
        assertThat(run.transitions).as("a minute after it began").containsExactly("60 opened firing P2");
        assertThat(run.raw.getFirst().alert().key().rule()).isEqualTo("late");
    }

    @Test
    void aRenamedFiringRuleIsTheSameAlert_andTheNextOneIsItsOwn() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", server("a"), 600).ticks(Duration.ofSeconds(30));
        String id = run.alerts.getFirst().id();
        run.engine.use(RuleTexts.rules(SLOW.replace("slow: {", "late: {was: slow, ")));
        run.tick();
        assertThat(run.transitions).containsExactly("0 opened firing P2");
        assertThat(run.alerts.getFirst().id()).isEqualTo(id);
        assertThat(run.stored().keySet()).extracting(key -> key.rule()).containsExactly("late");
        assertThat(((io.inferwatch.rules.AlertState.Firing)
                                run.alerts.getFirst().state())
                        .firedAt())
                .isEqualTo(EngineRun.START);

        run.set("ttft", server("a"), 100).ticks(Duration.ofMinutes(10));
        assertThat(run.raw.getLast().alert().id()).as("its close").isEqualTo(id);
        run.set("ttft", server("a"), 600).tick();
        AlertKey late = new AlertKey("late", server("a"));
        assertThat(run.alerts.getFirst().id()).isEqualTo(AlertWriter.id(late, run.now));
    }

    @Test
    void aRuleRenamedWhileNothingRanGoesOnWhereItWas() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", server("a"), 600).ticks(Duration.ofSeconds(30));
        RuleEngine next =
                new RuleEngine(RuleTexts.rules(SLOW.replace("slow: {", "late: {was: slow, ")), ExpectedInstances.ALL);
        assertThat(next.restore(List.copyOf(run.stored().values()), run.now, run.now))
                .isEmpty();
        run.engine = next;
        run.tick();
        assertThat(run.stored().keySet()).extracting(key -> key.rule()).containsExactly("late");
        assertThat(((io.inferwatch.rules.AlertState.Firing)
                                run.alerts.getFirst().state())
                        .firedAt())
                .isEqualTo(EngineRun.START);
    }

    /** {@code [lo, hi]} of the bracket, and the state 500 ms as a limit leads to. */
    @Test
    void aBracketDecidesOnlyWhereAllOfItLiesOnOneSide() {
        assertThat(stateWith(SLOW, 501, 900)).isEqualTo("firing P2");
        assertThat(stateWith(SLOW, 500, 900))
                .as("exactly at the bound it may be either")
                .isEqualTo("ok");
        assertThat(stateWith(SLOW, 300, 500)).isEqualTo("ok");
        assertThat(stateWith(SLOW, 1001, Double.POSITIVE_INFINITY)).isEqualTo("firing P1");
        String outside =
                SLOW.replace("tiers: {P2: {above: 500ms}, P1: {above: 1s}}", "tiers: {P2: {outside: [100ms, 200ms]}}");
        assertThat(stateWith(outside, 50, 300))
                .as("the good range lies between")
                .isEqualTo("ok");
        assertThat(stateWith(outside, 10, 50)).isEqualTo("firing P2");
    }

    @Test
    void aBracketThatDecidesNothingSaysSo() {
        RuleEngine engine = new RuleEngine(RuleTexts.rules(SLOW), ExpectedInstances.ALL);
        engine.tick(EngineRun.START, bracket(300, 1200));
        assertThat(engine.snapshot()
                        .rules()
                        .getFirst()
                        .instances()
                        .getFirst()
                        .why()
                        .getFirst()
                        .reason())
                .isEqualTo("between 300ms and 1.2s");
    }

    @Test
    void aBracketIsDataAllTheSame() {
        RuleEngine engine = new RuleEngine(
                RuleTexts.rules(
                        SLOW.replace("signal: ttft", "signal: ttft, no_data: {policy: alert, after: 10s, tier: P0}")),
                ExpectedInstances.ALL);
        for (int i = 0; i < 10; i++) {
            assertThat(engine.tick(EngineRun.START.plusSeconds(i * 5L), bracket(300, 900))
                            .alerts())
                    .isEmpty();
        }
    }

    private static String stateWith(String rules, double lo, double hi) {
        RuleEngine engine = new RuleEngine(RuleTexts.rules(rules), ExpectedInstances.ALL);
        return engine.tick(EngineRun.START, bracket(lo, hi)).alerts().stream()
                .findFirst()
                .map(EngineRun::text)
                .orElse("ok");
    }

    private static SignalSource bracket(double lo, double hi) {
        return new SignalSource() {
            @Override
            public Optional<List<GroupSample>> read(Signal signal) {
                Sample sample = new Sample.Present((lo + hi) / 2, lo, hi, 100, new Provenance.Bucketed("test"));
                return Optional.of(List.of(new GroupSample(server("a"), sample, Duration.ofMinutes(5))));
            }

            @Override
            public boolean everMatched(Signal signal) {
                return true;
            }
        };
    }
}
