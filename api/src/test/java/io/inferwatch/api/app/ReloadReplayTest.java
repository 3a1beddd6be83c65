package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReloadReplayTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    private final List<String> asked = new ArrayList<>();
    private boolean isBusy;

    private static RuleSet rules(String limit) {
        return new RuleLoader(Set.of(), ReceiverChecker.NONE)
                .load(List.of(new RuleFile("rules.yml", """
                        version: 1
                        receivers: {say: {type: console}}
                        routes: [{to: say}]
                        signals: {ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms}}
                        rules: {slow: {signal: ttft, tiers: {P2: {above: %s}}}}
                        """.formatted(limit))))
                .rules()
                .orElseThrow();
    }

    private Optional<ReplayDiff> compare(RuleSet now, RuleSet next, Instant from, Instant to) {
        asked.add(limit(now) + " to " + limit(next) + " over " + Duration.between(from, to));
        return isBusy
                ? Optional.empty()
                : Optional.of(new ReplayDiff(from, to, true, List.of(new ReplayDiff.OfRule("slow", Tier.P2, 1, 4))));
    }

    private static double limit(RuleSet rules) {
        return ((Condition.Threshold)
                        rules.rules().getFirst().conditions().findFirst().orElseThrow())
                .limit()
                .threshold();
    }

    private ReloadReplay over(Duration past) {
        return new ReloadReplay(this::compare, past, () -> NOW);
    }

    @Test
    void aChangeIsTriedOnThePast_once() {
        ReloadReplay replay = over(Duration.ofHours(24));
        assertThat(replay.last()).isEmpty();
        replay.changed(rules("1s"), rules("2s"));
        assertThat(replay.last()).as("it takes a while").isEmpty();
        replay.step();
        replay.step();
        assertThat(asked).containsExactly("1000.0 to 2000.0 over PT24H");
        assertThat(replay.last().orElseThrow().text()).isEqualTo("would add 3 P2");
    }

    @Test
    void isTriedAgain_whileABacktestRuns_andOfTwoChangesBothAreMeant() {
        ReloadReplay replay = over(Duration.ofHours(1));
        isBusy = true;
        replay.changed(rules("1s"), rules("2s"));
        assertThat(replay.step()).isEqualTo(Duration.ofSeconds(5));
        replay.changed(rules("2s"), rules("3s"));
        isBusy = false;
        replay.step();
        assertThat(asked).containsExactly("1000.0 to 2000.0 over PT1H", "1000.0 to 3000.0 over PT1H");
        assertThat(replay.last()).isPresent();
    }

    @Test
    void theSameRulesAgain_andAChangeThatNobodyWantsTried_areNotTried() {
        ReloadReplay replay = over(Duration.ofHours(1));
        replay.changed(rules("1s"), rules("1s"));
        replay.step();
        ReloadReplay off = over(Duration.ZERO);
        off.changed(rules("1s"), rules("2s"));
        off.step();
        assertThat(asked).isEmpty();
        assertThat(off.isOn()).isFalse();
    }
}
