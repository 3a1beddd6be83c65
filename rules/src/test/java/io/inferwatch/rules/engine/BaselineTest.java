package io.inferwatch.rules.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.WhyText;
import io.inferwatch.rules.testing.EngineRun;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is compared with its own past, on a virtual clock. */
class BaselineTest {
    private static final LabelSet M = LabelSet.of("model", "m");
    private static final Duration HOUR = Duration.ofHours(1);

    private static EngineRun run(String compare, String tier) {
        return new EngineRun("""
                version: 1
                defaults: {every: 30s, clear_for: 1m, no_data: {policy: keep, after: 3m}}
                receivers: {c: {type: console}}
                routes: [{to: c}]
                signals:
                  latency: {metric: llm.latency, agg: p95, over: 5m, by: [model], unit: ms}
                rules:
                  slower:
                    signal: latency
                    compare: {COMPARE}
                    tiers: {P2: {TIER}}
                    summary: "{{ value }} of {{ baseline }}"
                """.replace("COMPARE", compare).replace("TIER", tier));
    }

    @Test
    void timesTheMedianOfTheTrailingPoints() {
        EngineRun run = run("to: trailing, window: 2h, min_points: 6", "above: 2x, for: 1m");
        run.set("latency", M, 100).ticks(HOUR);
        run.set("latency", M, 199).ticks(Duration.ofMinutes(4));
        assertThat(run.state()).isEqualTo("ok");
        run.set("latency", M, 250).ticks(Duration.ofMinutes(2));
        assertThat(run.state()).isEqualTo("firing P2");
        assertThat(run.alerts.getFirst().summary()).isEqualTo("2.5x of 100 ms");
        assertThat(WhyText.of(run.alerts.getFirst().why()))
                .isEqualTo("latency=2.5x > 2x for 1m30s (250ms against baseline 100ms)");
    }

    @Test
    void isNotKnown_untilThereAreEnoughPoints() {
        EngineRun run = run("to: trailing, window: 2h, min_points: 6", "above: 2x");
        run.set("latency", M, 100).ticks(Duration.ofMinutes(29));
        run.set("latency", M, 1000).tick();
        assertThat(run.state()).isEqualTo("ok");
        assertThat(run.engine
                        .snapshot()
                        .rules()
                        .getFirst()
                        .instances()
                        .getFirst()
                        .why()
                        .getFirst()
                        .reason())
                .isEqualTo("5 points of 5m, fewer than 6");
    }

    @Test
    void skipsTheLastOfTheWindow() {
        EngineRun run = run("to: trailing, window: 3h, skip_last: 1h, min_points: 3, of: avg", "above: 1.5x");
        run.set("latency", M, 100).ticks(Duration.ofMinutes(90));
        run.set("latency", M, 140).ticks(Duration.ofMinutes(59));
        run.set("latency", M, 151).tick();
        assertThat(run.state()).as("the hour at 140 is no part of the baseline").isEqualTo("firing P2");
    }

    @Test
    void whatFiredIsNoPartOfTheBaseline() {
        EngineRun run = run("to: trailing, window: 2h, min_points: 3, of: avg", "above: 2x, clear_below: 1.5x");
        run.set("latency", M, 100).ticks(HOUR);
        run.set("latency", M, 300).ticks(HOUR);
        assertThat(run.state()).isEqualTo("firing P2");
        run.restart(Duration.ZERO).tick();
        assertThat(run.state()).as("also after a restart").isEqualTo("firing P2");
        run.set("latency", M, 120).ticks(Duration.ofMinutes(10));
        assertThat(run.state()).isEqualTo("ok");
        run.set("latency", M, 230).tick();
        assertThat(run.state()).as("the average is still about 100").isEqualTo("firing P2");
    }

    @Test
    void whatLastsLongerThanExcludeMaxIsNormal() {
        EngineRun run = run(
                "to: trailing, window: 2h, min_points: 3, of: median, exclude_max: 90m",
                "above: 2x, clear_below: 1.5x");
        run.set("latency", M, 100).ticks(HOUR);
        run.set("latency", M, 300).ticks(Duration.ofMinutes(80));
        assertThat(run.state()).isEqualTo("firing P2");
        run.ticks(Duration.ofMinutes(20));
        assertThat(run.state()).isEqualTo("ok");
    }

    @Test
    void whatIsAcceptedIsNormal() {
        EngineRun run = run("to: trailing, window: 90m, min_points: 3, of: median", "above: 2x");
        run.set("latency", M, 100).ticks(HOUR);
        run.set("latency", M, 300).ticks(Duration.ofMinutes(70));
        assertThat(run.state()).isEqualTo("firing P2");
        assertThat(run.engine.acceptAsNormal(new AlertKey("slower", M))).isTrue();
        run.ticks(Duration.ofMinutes(5));
        assertThat(run.state()).isEqualTo("ok");
        assertThat(run.engine.acceptAsNormal(new AlertKey("other", M))).isFalse();
    }

    @Test
    void belowTheFloorNothingChanges() {
        EngineRun run = run("to: trailing, window: 1h, min_points: 3, floor: 50ms", "above: 2x");
        run.set("latency", M, 5).ticks(HOUR);
        run.set("latency", M, 49).ticks(Duration.ofMinutes(2));
        assertThat(run.state()).as("ten times nothing").isEqualTo("ok");
        run.set("latency", M, 99).ticks(Duration.ofMinutes(2));
        assertThat(run.state()).as("twice the floor at most").isEqualTo("ok");
        run.set("latency", M, 101).tick();
        assertThat(run.state()).isEqualTo("firing P2");
    }

    @Test
    void dropIsThePartThatIsMissing() {
        EngineRun run = run("to: trailing, window: 1h, min_points: 3, as: drop", "at_least: 10%");
        run.set("latency", M, 200).ticks(HOUR);
        run.set("latency", M, 181).tick();
        assertThat(run.state()).isEqualTo("ok");
        run.set("latency", M, 180).tick();
        assertThat(run.state()).isEqualTo("firing P2");
    }

    @Test
    void deltaIsInTheSignalsUnit() {
        EngineRun run = run("to: trailing, window: 1h, min_points: 3, as: delta", "above: 20ms");
        run.set("latency", M, 200).ticks(HOUR);
        run.set("latency", M, 220).tick();
        assertThat(run.state()).isEqualTo("ok");
        run.set("latency", M, 221).tick();
        assertThat(run.state()).isEqualTo("firing P2");
    }

    @Test
    void zscoreIsInStandardDeviations() {
        EngineRun run = run("to: trailing, window: 1h, min_points: 3, of: avg, as: zscore", "above: 3");
        for (int i = 0; i < 12; i++) {
            run.set("latency", M, i % 2 == 0 ? 90 : 110).ticks(Duration.ofMinutes(5));
        }
        run.set("latency", M, 129).tick();
        assertThat(run.state()).as("2.9 of them").isEqualTo("ok");
        run.set("latency", M, 131).tick();
        assertThat(run.state()).isEqualTo("firing P2");
    }

    @Test
    void theSameTimeOfOtherDays() {
        EngineRun run = run("to: same_time, every: 1d, cycles: 3, min_points: 2", "above: 2x");
        for (int hour = 0; hour < 49; hour++) {
            run.set("latency", M, hour % 24 == 0 ? 900 : 100).ticks(HOUR);
        }
        assertThat(run.transitions).as("each noon is like the noon before").isEmpty();
        run.set("latency", M, 900).ticks(Duration.ofMinutes(10));
        assertThat(run.state()).as("nine times what there was at one o'clock").isEqualTo("firing P2");
    }

    @Test
    void aPauseLeavesAHoleThatIsAskedFor() {
        EngineRun run = run("to: trailing, window: 2h, min_points: 6", "above: 2x");
        run.set("latency", M, 100).ticks(HOUR);
        assertThat(run.engine.pastWanted(run.now)).isEmpty();
        run.now = run.now.plus(HOUR);
        run.tick();
        assertThat(run.engine.pastWanted(run.now)).hasSize(1);
    }
}
