package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The cases Prometheus tests its alert states by (rules/alerting_test.go and rules/manager_test.go of prometheus/prometheus,
 * named at each test), told anew for this engine. Where it means something else by the same words, the test says so.
 */
class RuleStateCasesTest {
    private static final LabelSet M = LabelSet.of("model", "m");
    private static final String RULE = """
            version: 1
            defaults: {every: 1m, clear_for: 0s, no_data: {policy: keep, after: 10m}}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              level: {metric: custom.level, agg: last, over: 5m, by: [model]}
            rules:
              high: {signal: level, tiers: {P2: {above: 10, for: 5m}}}
            """;

    private static EngineRun minutes(EngineRun run, int... values) {
        for (int value : values) {
            run.set("level", M, value).tick();
        }
        return run;
    }

    /** TestAlertingRuleState: the worst instance is the rule's state. */
    @Test
    void theRulesStateIsThatOfItsWorstInstance() {
        EngineRun run = new EngineRun(RULE);
        run.set("level", M, 20).ticks(Duration.ofMinutes(6));
        run.set("level", LabelSet.of("model", "n"), 20).tick();
        assertThat(run.alerts).extracting(EngineRun::text).containsExactlyInAnyOrder("firing P2", "pending P2");
    }

    /** TestAlertingRule: one evaluation below the limit begins the waiting anew. */
    @Test
    void forBeginsAnew_afterOneGoodValue() {
        EngineRun run = minutes(new EngineRun(RULE), 20, 20, 20, 20, 20, 5, 20, 20, 20, 20, 20);
        assertThat(run.transitions).isEmpty();
        assertThat(minutes(run, 20).transitions).containsExactly("715 opened firing P2");
    }

    /** TestKeepFiringFor: {@code keep_firing_for} is {@code clear_for}; a value past the limit begins it anew. */
    @Test
    void goesOnFiringForItsClearTime() {
        EngineRun run =
                new EngineRun(RULE.replace("clear_for: 0s", "clear_for: 3m").replace("for: 5m", "for: 0s"));
        minutes(run, 20, 5, 5, 5, 20, 5, 5, 5);
        assertThat(run.state()).isEqualTo("firing P2");
        minutes(run, 5);
        assertThat(run.transitions).containsExactly("55 opened firing P2", "535 closed cleared");
    }

    /** TestPendingAndKeepFiringFor: what was only pending is not kept. */
    @Test
    void whatWasOnlyPendingIsNotKept() {
        EngineRun run = new EngineRun(RULE.replace("clear_for: 0s", "clear_for: 3m"));
        minutes(run, 20, 20, 5);
        assertThat(run.state()).isEqualTo("ok");
        assertThat(run.transitions).isEmpty();
    }

    /** TestForStateRestore: a short stop costs the waiting nothing; the time down counts for it here as the condition goes on. */
    @Test
    void aRestartGoesOnWaitingWhereItWas() {
        EngineRun run = minutes(new EngineRun(RULE), 20, 20, 20);
        run.restart(Duration.ZERO);
        assertThat(minutes(run, 20, 20).state()).isEqualTo("pending P2");
        assertThat(minutes(run, 20).state()).isEqualTo("firing P2");
    }

    /** TestForStateRestore, outage tolerance: after more than an hour a pending alert begins anew; a firing one stays. */
    @Test
    void aLongStopEndsWhatWasPending_andKeepsWhatFired() {
        EngineRun pending = minutes(new EngineRun(RULE), 20, 20, 20).restart(Duration.ofHours(2));
        assertThat(minutes(pending, 20, 20, 20, 20, 20).state()).isEqualTo("pending P2");
        EngineRun firing = minutes(new EngineRun(RULE), 20, 20, 20, 20, 20, 20).restart(Duration.ofHours(2));
        assertThat(minutes(firing, 20).state()).isEqualTo("firing P2");
        assertThat(firing.transitions).hasSize(1);
    }

    /**
     * TestFiringAlertResetToPendingOnHoldDurationIncrease: Prometheus puts a firing alert back to pending when a reload
     * makes {@code for} longer. Here a reload never closes: {@code for} says when to open, and this one has opened.
     */
    @Test
    void aLongerForDoesNotTakeBackWhatFires() {
        EngineRun run = minutes(new EngineRun(RULE), 20, 20, 20, 20, 20, 20);
        run.engine.use(RuleTexts.rules(RULE.replace("for: 5m", "for: 30m")));
        assertThat(minutes(run, 20).state()).isEqualTo("firing P2");
        assertThat(run.transitions).hasSize(1);
    }

    /** The same of one that waits: the changed time is measured from when the condition began. */
    @Test
    void aChangedForIsMeasuredFromTheBeginning() {
        EngineRun run = minutes(new EngineRun(RULE), 20, 20, 20);
        run.engine.use(RuleTexts.rules(RULE.replace("for: 5m", "for: 3m")));
        assertThat(minutes(run, 20).state()).isEqualTo("firing P2");
    }

    /** TestAlertingRuleDuplicate: two series never make one alert twice; what shares its labels is one group. */
    @Test
    void anInstanceIsThereOnce() {
        EngineRun run = minutes(new EngineRun(RULE), 20, 20, 20, 20, 20, 20);
        assertThat(run.alerts).extracting(Alert::key).containsExactly(new AlertKey("high", M));
    }

    /** TestAlertingRuleLimit: Prometheus drops all alerts of a rule past its limit; here those known stay. */
    @Test
    void pastTheLimitThoseKnownStay() {
        EngineRun run = new EngineRun(RULE.replace("signal: level", "max_instances: 1, signal: level"));
        minutes(run, 20, 20, 20, 20, 20, 20);
        run.set("level", LabelSet.of("model", "n"), 20).ticks(Duration.ofMinutes(7));
        assertThat(run.alerts)
                .extracting(alert -> alert.key().rule())
                .containsExactly("high", "sidecar_too_many_instances");
    }
}
