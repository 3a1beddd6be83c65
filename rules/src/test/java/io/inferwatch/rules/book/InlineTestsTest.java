package io.inferwatch.rules.book;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.testing.RuleTexts;
import io.inferwatch.rules.yaml.Problem;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class InlineTestsTest {
    private static final String RULES = """
            version: 1
            signals:
              ttft_p95: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms, min_samples: 20}
            rules:
              ttft_slow:
                signal: ttft_p95
                clear_for: 3m
                tiers:
                  P2: {above: 500ms, for: 5m, clear_below: 450ms}
                  P1: {above: 1s,    for: 5m, clear_below: 900ms}
                  P0: {above: 5s,    for: 2m, clear_below: 3s}
            tests:
              - name: ttft climbs to P2 then P1 and clears with hysteresis
                rule: ttft_slow
                step: 1m
                input:
                  - {signal: ttft_p95, labels: {model: m1, server: e1}, values: "300x4 600x6 1200x5 400x10"}
                expect:
                  - {at: 9m,  state: pending}
                  - {at: 10m, state: firing, tier: P2, why: "ttft_p95=600ms > 500ms for 5m"}
                  - {at: 17m, state: firing, tier: P1}
                  - {at: 20m, state: firing, tier: P1}
                  - {at: 21m, state: ok}
              - name: a value inside the dead band does not flap
                rule: ttft_slow
                step: 1m
                input: [{signal: ttft_p95, labels: {model: m1, server: e1}, values: "600x6 480 520 480 520 480 520 480x10"}]
                expect: [{at: 22m, state: firing, tier: P2}]
              - name: no data keeps the state, then says so
                rule: ttft_slow
                step: 1m
                input: [{signal: ttft_p95, labels: {model: m1, server: e1}, values: "600x6 _x10"}]
                expect: [{at: 9m, state: firing, tier: P2, stale: false}, {at: 12m, state: firing, tier: P2, stale: true}]
            """;

    private static List<String> run(String rules) {
        return new InlineTests(Optional.empty())
                .run(RuleTexts.rules(rules)).stream().map(Problem::toString).toList();
    }

    @Test
    void pass_whenTheEngineDoesAsTheDesignSays() {
        assertThat(run(RULES)).isEmpty();
    }

    @Test
    void fail_whenAnExpectationDoesNotHold_withItsPosition() {
        assertThat(run(RULES.replace("{at: 21m, state: ok}", "{at: 21m, state: firing, tier: P0}")))
                .containsExactly(
                        "rules.yml:23:9 tests[0].expect[4]: test \"ttft climbs to P2 then P1 and clears with hysteresis\""
                                + " at 21m: state is \"ok\", not \"firing\"",
                        "rules.yml:23:9 tests[0].expect[4]: test \"ttft climbs to P2 then P1 and clears with hysteresis\""
                                + " at 21m: tier is \"none\", not \"P0\"");
    }

    @Test
    void fail_whenSentIsExpectedAndNobodyCanCheckIt() {
        assertThat(run(RULES.replace("{at: 21m, state: ok}", "{at: 21m, sent: {pd: [resolve]}}")))
                .singleElement()
                .asString()
                .contains("sent was not checked");
    }

    @Test
    void meanTheInstanceWithTheLabelsNamed_whenTheyNameSomeOnly() {
        String two = RULES.replace(
                "values: \"600x6 _x10\"}]",
                "values: \"600x16\"}, {signal: ttft_p95, labels: {model: m2, server: e1}, values: \"100x16\"}]");
        assertThat(run(two.replace(
                                "{at: 9m, state: firing, tier: P2, stale: false}",
                                "{at: 9m, labels: {model: m1}, state: firing}")
                        .replace(
                                "{at: 12m, state: firing, tier: P2, stale: true}",
                                "{at: 9m, labels: {model: m2}, state: ok}")))
                .isEmpty();
        assertThat(run(two.replace(
                                "{at: 9m, state: firing, tier: P2, stale: false}",
                                "{at: 9m, labels: {model: m2}, state: firing}")
                        .replace(
                                "{at: 12m, state: firing, tier: P2, stale: true}",
                                "{at: 9m, labels: {model: m3}, state: ok}")))
                .singleElement()
                .asString()
                .contains("state is \"ok\", not \"firing\"");
    }

    @Test
    void askWhy_alsoOfWhatIsQuiet() {
        assertThat(run(RULES.replace("{at: 21m, state: ok}", "{at: 1m, state: ok, why: \"ttft_p95=300ms not > 5s\"}")))
                .isEmpty();
    }
}
