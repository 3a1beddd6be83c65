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

    private static String withHeat(String condition) {
        return file("{all: [{signal: heat, above: 90C}, " + condition + "]}")
                .replace("rules:\n", "  heat: {metric: gpu.temperature, agg: max, over: 1m, by: [gpu]}\nrules:\n");
    }

    @Test
    void anotherRuleThatSharesNoLabel_isAWarning_unlessTheLabelsToMatchOnAreSaid() {
        assertThat(RuleTexts.warnings(withHeat("{rule: slow, tier: P2}")))
                .containsExactly(
                        "rules.yml:9:65 rules.other.tiers.P1.all[1].rule: rule slow (by server) shares no label"
                                + " to join on: any instance of it counts");
        assertThat(RuleTexts.warnings(withHeat("{rule: slow, tier: P2, match_on: []}")))
                .isEmpty();
        assertThat(RuleTexts.warnings(file("{rule: slow, tier: P2}"))).isEmpty();
    }

    @Test
    void labelsToMatchOnAreThoseOfBothRules() {
        assertThat(RuleTexts.warnings(withHeat("{rule: slow, tier: P2, match_on: [servr]}")))
                .containsExactly(
                        "rules.yml:9:91 rules.other.tiers.P1.all[1].match_on: rule slow has no label \"servr\";"
                                + " it has server; did you mean \"server\"?",
                        "rules.yml:9:91 rules.other.tiers.P1.all[1].match_on: rule other has no label \"servr\";"
                                + " it has gpu");
        assertThat(RuleTexts.warnings(file("{instances: {rule: slow, by: [model], at_least: 2}}")))
                .containsExactly("rules.yml:8:52 rules.other.tiers.P1.instances.by: rule slow has no label \"model\";"
                        + " it has server");
    }

    @Test
    void anOverrideForALabelThatNoInstanceHas_isAWarning() {
        String rule = "signal: ttft, overrides: [{where: {sever: a}, tiers: {P2: {above: 5s}}}]";
        assertThat(RuleTexts.warnings(
                        file("{rule: slow, tier: P2}").replaceFirst("slow: \\{signal: ttft", "slow: {" + rule)))
                .containsExactly("rules.yml:7:52 rules.slow.overrides[0].where.sever: rule slow has no label \"sever\";"
                        + " it has server; did you mean \"server\"?");
    }

    @Test
    void aMisspeltKey_isNamedAlone() {
        assertThat(RuleTexts.errors(file("{any: [{signall: ttft, above: 1s, clear_below: 900ms}]}")))
                .containsExactly(
                        "rules.yml:8:30 rules.other.tiers.P1.any[0]: a condition is missing: signal, rule, instances,"
                                + " factor, all, any, not, at_least with of, or score",
                        "rules.yml:8:31 rules.other.tiers.P1.any[0].signall: unknown key \"signall\";"
                                + " did you mean \"signal\"?");
        assertThat(RuleTexts.errors(file("{signal: ttft, above: 1s}").replace("{metric: llm", "{metrc: llm")))
                .containsExactly(
                        "rules.yml:5:9 signals.ttft: one of metric, ratio and expr is needed here",
                        "rules.yml:5:10 signals.ttft.metrc: unknown key \"metrc\"; did you mean \"metric\"?");
    }
}
