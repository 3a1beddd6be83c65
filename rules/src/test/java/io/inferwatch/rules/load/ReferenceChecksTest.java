package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.testing.RuleTexts;
import org.junit.jupiter.api.Test;

/** Conditions that ask after other rules. */
class ReferenceChecksTest {
    private static String file(String condition) {
        return """
                version: 1
                receivers: {out: {type: console}}
                routes: [{to: out}]
                signals:
                  ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [server], unit: ms}
                rules:
                  slow: {signal: ttft, tiers: {P2: {above: 1s}}}
                  other: {tiers: {P1: CONDITION}}
                """.replace("CONDITION", condition);
    }

    @Test
    void aTierTheOtherRuleNeverReaches_isAWarningThatNamesThoseItHas() {
        assertThat(RuleTexts.warnings(file("{rule: slow, tier: P0}")))
                .containsExactly("rules.yml:8:42 rules.other.tiers.P1.tier: rule slow is never at P0; it has P2");
        assertThat(RuleTexts.warnings(file("{instances: {rule: slow, tier: P1, at_least: 2}}")))
                .containsExactly("rules.yml:8:54 rules.other.tiers.P1.instances.tier:"
                        + " rule slow is never at P1 or above; it has P2");
    }

    @Test
    void aTierAtOrBelowOneItHas_isFine() {
        assertThat(RuleTexts.warnings(file("{rule: slow, tier: P2}"))).isEmpty();
        assertThat(RuleTexts.warnings(file("{rule: slow, tier: P3}"))).isEmpty();
        assertThat(RuleTexts.warnings(file("{instances: {rule: slow, at_least: 2}}")))
                .isEmpty();
    }

    @Test
    void tiersOfOverridesAndOfMissingDataCount() {
        String missing = "signal: ttft, no_data: {policy: alert, tier: P0}";
        assertThat(RuleTexts.warnings(
                        file("{rule: slow, tier: P0}").replaceFirst("slow: \\{signal: ttft", "slow: {" + missing)))
                .isEmpty();
        String override = "signal: ttft, overrides: [{where: {server: a}, tiers: {P0: {above: 5s}}}]";
        assertThat(RuleTexts.warnings(
                        file("{rule: slow, tier: P0}").replaceFirst("slow: \\{signal: ttft", "slow: {" + override)))
                .isEmpty();
    }

    @Test
    void nestingTooDeep_isOneProblem_whateverStandsThere() {
        for (String deep : new String[] {
            "{signal: ttft, above: 1s}",
            "{at_least: 1, of: [{signal: ttft, above: 1s}]}",
            "{instances: {rule: slow, at_least: 1}}",
            "{rule: slow, tier: P2, match_on: [server]}"
        }) {
            for (String nest : new String[] {"{not: %s}", "{all: [%s]}", "{score: [{weight: 1, not: %s}], above: 1}"}) {
                String condition = "{not: {not: {not: " + nest.formatted(deep) + "}}}";
                assertThat(RuleTexts.errors(file(condition)))
                        .as(condition)
                        .singleElement()
                        .asString()
                        .contains("conditions nested deeper than 4");
            }
        }
    }
}
