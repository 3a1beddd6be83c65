package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.histograms.Aggregate;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What people write by habit, from other tools or because it reads well, and what it must mean. */
class HabitsTest {
    private static final String HEAD = """
            version: 1
            receivers: {out: {type: console}}
            routes: [{to: out}]
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [server], unit: ms}
              tpot: {metric: llm.tpot, agg: p95, over: 5m, by: [server], unit: ms}
              heat: {metric: gpu.temperature, agg: max, over: 1m, by: [gpu]}
              memory: {metric: gpu.memory.used, agg: max, over: 1m, by: [gpu]}
            """;

    @Test
    void durationsAreJoined_whenTheLargerUnitComesFirst() {
        RuleSet rules = RuleTexts.rules(HEAD + "rules: {slow: {signal: ttft, tiers: {P1: {above: 1s, for: 1h30m}}}}\n");
        assertThat(rules.rules().getFirst().tiers().values())
                .extracting(Rule.TierRule::holdFor)
                .containsExactly(Duration.ofMinutes(90));
        assertThat(RuleTexts.errors(HEAD + "rules: {slow: {signal: ttft, tiers: {P1: {above: 1s, for: 30m1h}}}}\n"))
                .containsExactly("rules.yml:9:59 rules.slow.tiers.P1.for: \"30m1h\" is no duration;"
                        + " write it like 30s, 5m, 1h or 7d");
    }

    @Test
    void aTierLeftEmpty_takesItAwayFromThePack_butARuleNeedsOne() {
        RuleSet rules = RuleTexts.rules("version: 1\ninclude: [builtin]\nrules: {ttft_slow: {tiers: {P0: ~}}}\n");
        assertThat(rules.rule("ttft_slow").orElseThrow().tiers()).containsOnlyKeys(Tier.P1, Tier.P2);
        assertThat(RuleTexts.errors(HEAD + "rules: {slow: {signal: ttft, tiers: {P1: ~}}}\n"))
                .containsExactly("rules.yml:9:37 rules.slow.tiers: a rule needs one of P0, P1, P2 and P3");
    }

    @Test
    void aSeriesFedWithALabelItsSignalHasNot_isAWarning() {
        String file = HEAD + """
                rules: {slow: {signal: ttft, tiers: {P1: {above: 1s}}}}
                tests:
                  - {name: t, rule: slow, input: [{signal: ttft, labels: {model: m, server: a}, values: "1"}], expect: [{at: 1m, state: ok}]}
                """;
        assertThat(RuleTexts.warnings(file))
                .containsExactly("rules.yml:11:58 tests[0].input[0].labels: signal ttft has no label \"model\";"
                        + " it has server");
    }

    @Test
    void aLargeNumber_isWrittenWithAnExponent() {
        RuleSet rules = RuleTexts.rules(HEAD + "rules: {full: {signal: memory, tiers: {P1: {above: 7e10B}}}}\n");
        assertThat(rules.rules().getFirst().conditions().map(Condition.Threshold.class::cast))
                .extracting(condition -> condition.limit().threshold())
                .containsExactly(7e10);
    }

    @Test
    void aShare_isAnAggregateLikeAnyOther() {
        RuleSet rules = RuleTexts.rules(HEAD + "  late: {metric: llm.ttft, agg: {share_above: 1s}, over: 5m}\n"
                + "rules: {slow: {signal: late, tiers: {P1: {above: 5%}}}}\n");
        assertThat(rules.rules()
                        .getFirst()
                        .conditions()
                        .flatMap(Condition::signals)
                        .map(Signal.Measured.class::cast))
                .extracting(late -> late.query().aggregate())
                .containsExactly(new Aggregate.ShareAbove(1000));
        assertThat(RuleTexts.errors(HEAD + "  late: {metric: llm.ttft, agg: {share_abov: 1s}, over: 5m}\nrules: {}\n"))
                .anyMatch(text -> text.contains("unknown key \"share_abov\"; did you mean \"share_above\"?"));
        assertThat(RuleTexts.errors(
                        HEAD + "  late: {metric: llm.ttft, agg: p95, share_above: 1s, over: 5m}\nrules: {}\n"))
                .anyMatch(text -> text.endsWith("one of agg, share_above and share_below is needed here"));
    }

    @Test
    void zero_hasEveryUnit() {
        RuleSet rules = RuleTexts.rules(HEAD + "  more: {expr: 'max(0, ttft - tpot) + 0', unit: ms}\n"
                + "rules: {slow: {signal: more, tiers: {P1: {above: 1s}}}}\n");
        assertThat(rules.rules().getFirst().conditions().flatMap(Condition::signals))
                .extracting(more -> more.unit().symbol())
                .containsExactly("ms");
        assertThat(RuleTexts.errors(HEAD + "  more: {expr: 'max(1, ttft)', unit: ms}\nrules: {}\n"))
                .anyMatch(text -> text.contains("\"max\" joins a plain number and s"));
    }

    @Test
    void outside_isStricterWhereItIsWider() {
        String rule = "rules: {odd: {signal: heat, tiers: {P1: {outside: [%s]}, P2: {outside: [%s]}}}}\n";
        assertThat(RuleTexts.errors(HEAD + rule.formatted("10C, 90C", "20C, 80C")))
                .isEmpty();
        assertThat(RuleTexts.errors(HEAD + rule.formatted("20C, 80C", "10C, 90C")))
                .anyMatch(text -> text.endsWith("P1 must be stricter than P2, which is less urgent"));
        assertThat(RuleTexts.errors(HEAD + rule.formatted("10C, 80C", "20C, 90C")))
                .anyMatch(text -> text.endsWith("P1 must be stricter than P2, which is less urgent"));
    }

    @Test
    void theTiersOfARule_areAlsoThoseOfOverridesAndOfMissingData() {
        String routes = HEAD.replace(
                "[{to: out}]",
                "[{match: {tier: P1}, to: out, group_by: [rule, gpu]}, {match: {tier: P2}, to: out, group_by: [rule]}]");
        String clash = "leads rule hot to out under another group_by than a route above";
        assertThat(RuleTexts.errors(routes + "rules: {hot: {signal: heat, tiers: {P2: {above: 80C}}}}\n"))
                .isEmpty();
        assertThat(RuleTexts.errors(routes + "rules: {hot: {signal: heat, tiers: {P2: {above: 80C}},"
                        + " overrides: [{where: {gpu: \"0\"}, tiers: {P1: {above: 90C}}}]}}\n"))
                .anyMatch(text -> text.endsWith(clash));
        assertThat(RuleTexts.errors(routes + "rules: {hot: {signal: heat, tiers: {P2: {above: 80C}},"
                        + " no_data: {policy: alert, after: 1m, tier: P1}}}\n"))
                .anyMatch(text -> text.endsWith(clash));
    }

    @Test
    void whenDefaultsSayWhenAnInstanceIsForgotten_aRuleThatSaysOtherThingsOfMissingDataKeepsIt() {
        String text = HEAD + "defaults: {no_data: {after: 5m, expire: 6h}}\n"
                + "rules: {hot: {signal: heat, no_data: {policy: clear}, tiers: {P2: {above: 80C}}}}\n";
        assertThat(RuleTexts.rules(text).rules().getFirst().noData().expire()).isEqualTo(Duration.ofHours(6));
        String plain = text.replace(", expire: 6h", "").replace("policy: clear", "after: 2h");
        assertThat(RuleTexts.rules(plain).rules().getFirst().noData().expire()).isEqualTo(Duration.ofHours(2));
    }

    @Test
    void aFortnightOfMinutes_isKeptAndCanBeComparedWith() {
        String text = HEAD + "  fast: {metric: llm.ttft, agg: p95, over: 1m}\n"
                + "rules: {slow: {signal: fast, compare: {to: trailing, window: 14d}, tiers: {P1: {above: 2x}}}}\n";
        assertThat(RuleTexts.errors(text)).isEmpty();
    }

    @Test
    void aScoreBeyondItsScale_isAnError() {
        String rule = "rules: {odd: {tiers: {P1: {score: [{weight: 1, signal: heat, above: 80C}], %s}}}}\n";
        assertThat(RuleTexts.errors(HEAD + rule.formatted("above: 50"))).isEmpty();
        assertThat(RuleTexts.errors(HEAD + rule.formatted("at_least: 100"))).isEmpty();
        assertThat(RuleTexts.errors(HEAD + rule.formatted("above: 150")))
                .singleElement()
                .asString()
                .endsWith("rules.odd.tiers.P1.above: a score is from 0 to 100");
        assertThat(RuleTexts.errors(HEAD + rule.formatted("outside: [10, 101]")))
                .singleElement()
                .asString()
                .endsWith("rules.odd.tiers.P1.outside: a score is from 0 to 100");
    }

    @Test
    void aTierForMissingData_isAWarning_whereThePolicyDoesNotUseIt() {
        String rule = "rules: {hot: {signal: heat, no_data: {policy: %s, tier: P1}, tiers: {P2: {above: 80C}}}}\n";
        assertThat(RuleTexts.warnings(HEAD + rule.formatted("clear")))
                .anyMatch(text -> text.endsWith("tier is used by policy alert alone; here the policy is clear"));
        assertThat(RuleTexts.warnings(HEAD + rule.formatted("alert")))
                .noneMatch(text -> text.contains("tier is used by policy alert alone"));
    }
}
