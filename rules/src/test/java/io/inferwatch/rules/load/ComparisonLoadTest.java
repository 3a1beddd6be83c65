package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code compare}, {@code burn_rate}, {@code instances}, {@code grace} and {@code was} take and refuse. */
class ComparisonLoadTest {
    private static final String GOOD = """
            version: 1
            receivers: {c: {type: console}}
            routes: [{to: c}]
            signals:
              late: {metric: llm.latency, agg: p95, over: 5m, by: [model], unit: ms}
              failed: {metric: llm.requests, where: {outcome: error}, agg: increase, over: 5m}
            rules:
              slower:
                signal: late
                compare: {to: trailing, window: 24h, skip_last: 30m, of: avg, as: times, min_points: 60, floor: 50ms}
                tiers: {P2: {above: 2x, clear_below: 1.7x}, P1: {above: 5x}}
              budget:
                burn_rate: {bad: {metric: llm.requests, where: {outcome: error}}, total: {metric: llm.requests}, objective: 99.5%, period: 30d, by: [model], min_samples: 100}
                tiers: {P1: {any: [{factor: 14.4, long: 1h, short: 5m}]}, P3: {factor: 1, long: 3d, short: 6h}}
              many:
                grace: {after: deploy, for: 10m}
                was: lots
                tiers: {P1: {instances: {rule: slower, tier: P2, by: [model], at_least: 30%}}}
            """;

    @Test
    void loads_whenAllIsWell() {
        Rule slower = RuleTexts.rules(GOOD).rule("slower").orElseThrow();
        Condition.Baseline baseline =
                slower.conditions().flatMap(Condition::baselines).findFirst().orElseThrow();
        assertThat(baseline.comparison().against())
                .isEqualTo(new Comparison.Against.Trailing(Duration.ofHours(24), Duration.ofMinutes(30)));
        assertThat(baseline.comparison().floor()).hasValue(50);
        Rule budget = RuleTexts.rules(GOOD).rule("budget").orElseThrow();
        assertThat(budget.conditions().flatMap(Condition::signals))
                .extracting(Signal::name)
                .containsExactly("budget.burn_1h", "budget.burn_5m", "budget.burn_3d", "budget.burn_6h");
        Rule many = RuleTexts.rules(GOOD).rule("many").orElseThrow();
        assertThat(many.was()).contains("lots");
        assertThat(many.grace()).contains(new Rule.Grace(Rule.Grace.After.DEPLOY, Duration.ofMinutes(10)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "to: trailing | to: last | rules.yml:10:19 rules.slower.compare.to: \"last\" is none of trailing, same_time",
                "window: 24h, | `` | rules.yml:10:14 rules.slower.compare: \"window\" is missing here",
                "skip_last: 30m | skip_last: 24h | rules.yml:10:53 rules.slower.compare.skip_last: skip_last leaves nothing of the window",
                "of: avg | of: mean | rules.yml:10:62 rules.slower.compare.of: \"mean\" is none of avg, median, p95",
                "as: times | as: share | rules.yml:10:71 rules.slower.compare.as: \"share\" is none of times, drop, delta, zscore",
                "min_points: 60 | min_points: 289 | rules.yml:10:14 rules.slower.compare: min_points is 289, but there are at most 288 points of 5m",
                "floor: 50ms | floor: 50C | rules.yml:10:101 rules.slower.compare.floor: unit \"C\" does not fit late (ms)",
                "above: 2x | above: 200ms | rules.yml:11:25 rules.slower.tiers.P2.above: unit \"ms\" does not fit the comparison (x); write a multiple such as 3x",
                "clear_below: 1.7x | clear_below: 2.1x | rules.yml:11:42 rules.slower.tiers.P2.clear_below: clear_below lies on the unhealthy side of above",
                "P1: {above: 5x} | P1: {above: 1x} | rules.yml:11:53 rules.slower.tiers.P1: P1 must be stricter than P2, which is less urgent",
                "objective: 99.5% | objective: 100% | rules.yml:13:113 rules.budget.burn_rate.objective: an objective lies between 0 and 100%; write 99.5%",
                "factor: 14.4 | factor: -1 | rules.yml:14:33 rules.budget.tiers.P1.any[0].factor: a factor is above 0",
                "short: 5m | short: 2h | rules.yml:14:56 rules.budget.tiers.P1.any[0].short: short must be shorter than long",
                "total: {metric: llm.requests} | total: {metric: gpu.power} | rules.yml:13:87 rules.budget.burn_rate.total.metric: gpu.power is a gauge; what burns is counted",
                "total: {metric: llm.requests} | total: late | rules.yml:13:78 rules.budget.burn_rate.total: late is not counted; use agg: increase, sum or count",
                "after: deploy | after: noon | rules.yml:16:20 rules.many.grace.after: \"noon\" is none of start, deploy",
                "was: lots | was: budget | rules.yml:17:10 rules.many.was: there still is a rule \"budget\"; its state is its own",
                "at_least: 30% | at_least: 0 | rules.yml:18:77 rules.many.tiers.P1.instances.at_least: \"0\" is no number of instances; write 3, or 30%",
                "rule: slower | rule: slowr | rules.yml:18:36 rules.many.tiers.P1.instances.rule: unknown rule \"slowr\"; did you mean \"slower\"?",
                "rule: slower | rule: many | rules.yml:16:5 rules.many: this rule leads back to itself: many → many",
                "many: | all_failing: | rules.yml:16:12 rules.all_failing.grace: all_failing is told in any case: it has no grace",
            })
    void tellsWhatIsWrongAndWhere(String from, String to, String problem) {
        assertThat(GOOD).contains(from);
        String wrong = GOOD.replace(from, to == null ? "" : to);
        assertThat(RuleTexts.errors(wrong)).contains(problem);
    }

    @Test
    void refusesWindowsThatAreNotKeptSoLong() {
        assertThat(RuleTexts.errors(GOOD.replace("over: 5m, by: [model], unit: ms", "over: 30s, by: [model], unit: ms")
                        .replace("window: 24h", "window: 3d")))
                .contains(
                        "rules.yml:10:14 rules.slower.compare: windows of 30s are not kept for 3d: 10s windows stay 48h,"
                                + " 1m 14d, 10m 90d, 1h 400d");
        assertThat(RuleTexts.errors(GOOD.replace("over: 5m, by: [model], unit: ms", "over: 5s, by: [model], unit: ms")))
                .anyMatch(error -> error.contains("windows of 5s are not kept for 1d"));
    }

    @Test
    void refusesASignalOfManyWindows() {
        assertThat(RuleTexts.errors(GOOD.replace(
                        "over: 5m, by: [model], unit: ms", "over: 1m..5m, min_samples: 3, by: [model], unit: ms")))
                .anyMatch(error -> error.contains("a signal over a range of windows has no points to compare with"));
    }

    @Test
    void refusesAPairWithoutABurnRate() {
        assertThat(RuleTexts.errors(GOOD.replace(
                        "{instances: {rule: slower, tier: P2, by: [model], at_least: 30%}}",
                        "{factor: 2, long: 1h, short: 5m}")))
                .anyMatch(error -> error.contains("a pair of windows needs a burn_rate at its rule"));
    }

    @Test
    void takesTheShareOfALatency_andSignalsByName() {
        String latency = GOOD.replace(
                "bad: {metric: llm.requests, where: {outcome: error}}, total: {metric: llm.requests}",
                "metric: llm.ttft, share_above: 500ms");
        assertThat(RuleTexts.errors(latency)).isEmpty();
        assertThat(RuleTexts.errors(
                        GOOD.replace("bad: {metric: llm.requests, where: {outcome: error}}", "bad: failed")))
                .isEmpty();
    }
}
