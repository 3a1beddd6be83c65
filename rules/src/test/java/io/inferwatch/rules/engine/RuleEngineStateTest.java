package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.testing.EngineRun;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What outlives a reload, a restart and a clock that is set back. */
class RuleEngineStateTest {
    private static final LabelSet M1A = LabelSet.of("model", "m1", "server", "a");
    private static final String SLOW = """
            version: 1
            defaults: {every: 5s, clear_for: 10s, no_data: {policy: keep, after: 1m}}
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}
            rules:
              slow:
                signal: ttft
                tiers:
                  P2: {above: 500ms, for: 20s, clear_below: 400ms}
                  P1: {above: 1s, for: 10s, clear_below: 900ms}
            """;

    @Test
    void reloadCarriesState_andClosesWhatIsGone() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        String id = run.alerts.getFirst().id();
        run.engine.use(RuleTexts.rules(SLOW.replace("for: 20s", "for: 60s")));
        run.tick();
        assertThat(run.alerts).singleElement().extracting(Alert::id).isEqualTo(id);
        run.engine.use(RuleTexts.rules(SLOW.replace("slow:", "other:")));
        run.tick();
        assertThat(run.transitions).containsExactly("20 opened firing P2", "35 closed the rule is gone");
        assertThat(run.stored()).hasSize(1);
    }

    @Test
    void aTierThatIsGoneAfterAReload_closes() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        run.engine.use(RuleTexts.rules(SLOW.replaceAll(" *P2: .*\n", "")));
        run.tick();
        assertThat(run.transitions).containsExactly("20 opened firing P2", "30 closed cleared");
    }

    @Test
    void aShortGapChangesNothing_andCountsTowardsNoMissingData() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        run.missing("ttft", M1A).ticks(Duration.ofSeconds(30));
        run.restart(Duration.ofMinutes(30)).tick();
        assertThat(run.state()).isEqualTo("firing P2");
        run.ticks(Duration.ofSeconds(35));
        assertThat(run.state()).isEqualTo("firing P2 stale");
        assertThat(run.transitions).containsExactly("20 opened firing P2");
    }

    @Test
    void afterALongGapWhatFiredStaysUntilItIsKnown() {
        EngineRun run = new EngineRun(SLOW.replace("clear_for: 10s", "clear_for: 10m"));
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        run.gone("ttft", M1A).restart(Duration.ofHours(5)).ticks(Duration.ofMinutes(5));
        assertThat(run.state()).startsWith("firing P2");
        run.set("ttft", M1A, 100).tick();
        assertThat(run.state()).isEqualTo("ok");
        assertThat(run.raw.getLast()).isInstanceOf(AlertTransition.Closed.class);
        assertThat(run.raw.getLast().alert().id())
                .isEqualTo(run.raw.getFirst().alert().id());
    }

    @Test
    void unreadableStateIsReportedAndForgotten() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        var damaged = run.stored().values().stream()
                .map(s -> new StoredState(s.key(), "garbage"))
                .toList();
        RuleEngine engine = new RuleEngine(run.engine.rules(), ExpectedInstances.ALL);
        assertThat(engine.restore(damaged, run.now, run.now))
                .singleElement()
                .asString()
                .contains("garbage");
        assertThat(engine.tick(run.now, run).forgotten()).hasSize(1);
    }

    @Test
    void aClockThatStepsBackUnfiresNothing() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        run.now = run.now.minus(Duration.ofHours(2));
        run.ticks(Duration.ofSeconds(30));
        assertThat(run.state()).isEqualTo("firing P2");
        assertThat(run.transitions).hasSize(1);
    }

    @Test
    void idsDifferBetweenEpisodesAndNotWithinOne() {
        EngineRun run = new EngineRun(SLOW);
        run.set("ttft", M1A, 600).tick();
        String pending = run.alerts.getFirst().id();
        run.ticks(Duration.ofSeconds(30));
        assertThat(run.alerts.getFirst().id()).isEqualTo(pending);
        run.set("ttft", M1A, 1).ticks(Duration.ofSeconds(30));
        run.set("ttft", M1A, 600).ticks(Duration.ofSeconds(30));
        assertThat(run.alerts.getFirst().id()).isNotEqualTo(pending);
    }
}
