package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.engine.SignalSource;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ThresholdAdvisorTest {
    private static final Instant NOW = Instant.parse("2026-01-12T09:00:00Z");
    private static final String RULES = """
            version: 1
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 1m, unit: ms}
              busy: {metric: gpu.sm.utilization, agg: avg, over: 1m}
            rules:
              slow: {signal: ttft, clear_for: 0s, tiers: {P2: {above: 500ms, clear_below: 480ms}, P1: {above: 5s}}}
              full: {signal: busy, clear_for: 0s, tiers: {P2: {above: 96%}}}
              both: {tiers: {P2: {all: [{signal: ttft, above: 1s}, {signal: busy, above: 1%}]}}}
            """;

    private final RuleSet rules = new RuleLoader(Set.of(), ReceiverChecker.NONE)
            .load(List.of(new RuleFile("rules.yml", RULES)))
            .rules()
            .orElseThrow();

    /** Every other minute slow: seven times a little, each eighth time a lot. */
    private record Past(long minute) implements SignalSource {
        @Override
        public Optional<List<GroupSample>> read(Signal signal) {
            boolean isSlow = minute % 2 == 0;
            double value =
                    signal.name().equals("busy") ? (isSlow ? 99 : 10) : !isSlow ? 100 : minute % 16 == 0 ? 900 : 540;
            return Optional.of(List.of(new GroupSample(
                    LabelSet.EMPTY, new Sample.Present(value, 50, new Provenance.Exact()), Duration.ofMinutes(1))));
        }

        @Override
        public boolean everMatched(Signal signal) {
            return true;
        }
    }

    private static Optional<ReplayCount> replay(RuleSet tried, Instant from, Instant to) {
        assertThat(Duration.between(from, to)).isEqualTo(Duration.ofDays(7));
        RuleEngine engine = new RuleEngine(tried, ExpectedInstances.ALL);
        ReplayCount count = new ReplayCount();
        for (long minute = 1; minute <= 160; minute++) {
            count.onTick(engine.tick(from.plus(Duration.ofMinutes(minute)), new Past(minute)));
        }
        return Optional.of(count);
    }

    private ThresholdAdvisor advisor(ThresholdAdvisor.Replay replay) {
        return new ThresholdAdvisor(new RuleEngine(rules, ExpectedInstances.ALL), replay, () -> NOW);
    }

    @Test
    void namesTheMildestLimitUnderWhichLittleIsLeft() {
        assertThat(advisor(ThresholdAdvisorTest::replay).advise(Set.of("slow")).join())
                .containsExactly(
                        java.util.Map.entry("slow", "replayed with P2 above 550ms it fires 10 instead of 80 times"));
    }

    @Test
    void saysNothing_whereNoLimitCanHelp() {
        assertThat(advisor(ThresholdAdvisorTest::replay)
                        .advise(Set.of("full", "both", "gone"))
                        .join())
                .isEmpty();
        assertThat(advisor((tried, from, to) -> Optional.empty())
                        .advise(Set.of("slow"))
                        .join())
                .isEmpty();
    }
}
