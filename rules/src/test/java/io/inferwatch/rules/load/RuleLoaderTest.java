package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuleLoaderTest {
    private static final String GOOD = """
            version: 1
            defaults: {every: 5s}
            receivers:
              hook: {type: webhook, url: "https://example.org"}
              out: {type: console, fallback: hook}
            routes:
              - {match: {tier: P0}, to: [out], wait: 0s}
              - {to: out}
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model, server], unit: ms}
              heat: {metric: gpu.temperature, agg: max, over: 1m, by: [gpu]}
              bad: {ratio: {part: {metric: llm.requests, where: {outcome: error}}, whole: {metric: llm.requests}}, over: 5m, by: [model]}
              twice: {expr: ttft * 2, unit: ms}
            rules:
              slow: {signal: ttft, tiers: {P2: {above: 500ms, clear_below: 400ms}, P1: {above: 1s}}}
              hot: {tiers: {P1: {any: [{signal: heat, above: 90C}, {rule: slow, tier: P1, match_on: []}]}}}
            """;

    @Test
    void loads_whenAllIsWell() {
        RuleSet rules = RuleTexts.rules(GOOD);
        assertThat(rules.rules()).extracting(Rule::name).containsExactly("slow", "hot");
        assertThat(rules.every()).isEqualTo(Duration.ofSeconds(5));
        assertThat(rules.plan().routes()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "version: 1 | version: 2 | rules.yml:1:10 version: this release reads version 1",
                "every: 5s | every: 500ms | rules.yml:2:19 defaults.every: 500ms is outside 1s to 5m",
                "every: 5s | evry: 5s | rules.yml:2:12 defaults.evry: unknown key \"evry\"; did you mean \"every\"?",
                "every: 5s | every: soon | rules.yml:2:19 defaults.every: \"soon\" is no duration; write it like 30s, 5m, 1h or 7d",
                "every: 5s | flap: {changes: 1} | rules.yml:2:28 defaults.flap.changes: 1 is no whole number from 2 to 100",
                "type: console | type: pager | rules.yml:5:15 receivers.out.type: \"pager\" is none of pagerduty, slack, alertmanager, webhook, console",
                "fallback: hook | fallback: out | rules.yml:5:34 receivers.out.fallback: the fallback leads back to out",
                "fallback: hook | fallback: hok | rules.yml:5:34 receivers.out.fallback: unknown receiver \"hok\"; did you mean \"hook\"?",
                "to: [out] | to: [uot] | rules.yml:7:30 routes[0].to[0]: unknown receiver \"uot\"; did you mean \"out\"?",
                "tier: P0 | tier: P7 | rules.yml:7:20 routes[0].match.tier: \"P7\" is none of P0, P1, P2, P3",
                "wait: 0s | mute: [nights] | rules.yml:7:43 routes[0].mute[0]: unknown mute time \"nights\"",
                "tier: P0}, to: [out], wait: 0s | tier: P1}, to: [out], group_by: [rule] | rules.yml:8:5 routes[1]: leads rule slow to out under another group_by than a route above",
                "metric: llm.ttft, | metric: llm.tfft, | rules.yml:10:18 signals.ttft.metric: unknown metric \"llm.tfft\"; did you mean \"llm.ttft\"?",
                "agg: p95 | agg: p101 | rules.yml:10:33 signals.ttft.agg: unknown aggregate \"p101\"; use p50 … p99.9 or one of avg, min, max, sum, count, last, rate, increase, stddev",
                "agg: max | agg: rate | rules.yml:11:40 signals.heat.agg: rate does not fit gpu.temperature, a gauge; use avg, min, max, last or a percentile",
                "agg: max, | `` | rules.yml:11:9 signals.heat: one of agg, share_above and share_below is needed here",
                "over: 1m | over: 1m..1h | rules.yml:11:51 signals.heat.over: a range of windows needs min_samples",
                "unit: ms} | unit: usd} | rules.yml:10:75 signals.ttft.unit: unit \"usd\" does not fit llm.ttft (ms)",
                "ttft * 2, | ttft + heat, | rules.yml:13:22 signals.twice.expr: \"+\" joins s and °C",
                "ttft * 2, | tfft * 2, | rules.yml:13:17 signals.twice.expr: unknown signal \"tfft\"; did you mean \"ttft\"?",
                "ttft * 2, | twice * 2, | rules.yml:13:10 signals.twice: this signal leads back to itself",
                "ttft * 2, | ttft *, | rules.yml:13:23 signals.twice.expr: the expression ends too early",
                "signal: ttft, tiers | signal: tftt, tiers | rules.yml:15:18 rules.slow.signal: unknown signal \"tftt\"; did you mean \"ttft\"?",
                "above: 500ms | above: 500C | rules.yml:15:44 rules.slow.tiers.P2.above: unit \"C\" does not fit llm.ttft (ms)",
                "above: 500ms | above: 500 | rules.yml:15:44 rules.slow.tiers.P2.above: 500 has no unit; llm.ttft is in ms; write 500ms",
                "above: 500ms | above: 3x | rules.yml:15:44 rules.slow.tiers.P2.above: unit \"x\" does not fit llm.ttft (ms); a multiple needs compare with as: times, or a burn_rate",
                "above: 500ms, | over: 500ms, | rules.yml:15:37 rules.slow.tiers.P2.over: unknown key \"over\"",
                "clear_below: 400ms | clear_below: 600ms | rules.yml:15:64 rules.slow.tiers.P2.clear_below: clear_below lies on the unhealthy side of above",
                "clear_below: 400ms | clear_above: 600ms | rules.yml:15:64 rules.slow.tiers.P2.clear_above: clear_above lies on the unhealthy side of above",
                "P1: {above: 1s} | P1: {above: 400ms} | rules.yml:15:76 rules.slow.tiers.P1: P1 must be stricter than P2, which is less urgent",
                "P1: {above: 1s} | P9: {above: 1s} | rules.yml:15:72 rules.slow.tiers.P9: unknown key \"P9\"; did you mean \"P0\"?",
                "rule: slow | rule: solw | rules.yml:16:63 rules.hot.tiers.P1.any[1].rule: unknown rule \"solw\"; did you mean \"slow\"?",
                "rule: slow | rule: hot | rules.yml:16:8 rules.hot: this rule leads back to itself: hot → hot",
                "any: [ | burn_rate: [ | rules.yml:16:22 rules.hot.tiers.P1.burn_rate: unknown key \"burn_rate\"",
                "{signal: heat, above: 90C} | {not: {signal: heat, above: 90C, clear_below: 80C}} | rules.yml:16:74 rules.hot.tiers.P1.any[0].not.clear_below: clear_below has no meaning under not",
                "{signal: heat, above: 90C} | {signal: heat, above: 90C, below: 10C} | rules.yml:16:28 rules.hot.tiers.P1.any[0]: one of above, below, at_least, at_most, equals and outside is needed here",
                "any: [ | at_least: 3, of: [ | rules.yml:16:32 rules.hot.tiers.P1.at_least: 3 is no whole number from 1 to 2",
            })
    void tellsWhatIsWrongAndWhere(String from, String to, String problem) {
        assertThat(GOOD).contains(from);
        String wrong = GOOD.replace(from, to == null ? "" : to);
        assertThat(RuleTexts.errors(wrong)).contains(problem);
    }

    @Test
    void tellsAllProblemsAtOnce_inTheirOrder() {
        String wrong = GOOD.replace("every: 5s", "evry: 5s")
                .replace("llm.ttft,", "llm.tfft,")
                .replace("rule: slow", "rule: solw");
        assertThat(RuleTexts.errors(wrong))
                .extracting(p -> p.substring(0, p.indexOf(' ')))
                .containsExactly("rules.yml:2:12", "rules.yml:10:18", "rules.yml:16:63");
    }

    @Test
    void onFireAsksForABurst_andForNothingElse() {
        RuleSet rules = RuleTexts.rules(GOOD.replace("slow: {", "slow: {on_fire: gpu_burst, "));
        assertThat(rules.rule("slow").orElseThrow().onFire()).contains(Rule.OnFire.GPU_BURST);
        assertThat(rules.rule("hot").orElseThrow().onFire()).isEmpty();
        assertThat(RuleTexts.errors(GOOD.replace("slow: {", "slow: {on_fire: restart, ")))
                .singleElement()
                .asString()
                .startsWith("rules.yml:15:19 rules.slow.on_fire: ")
                .contains("gpu_burst");
    }

    @Test
    void warnsOfLeavesThatShareNoLabel_andOfUnknownLabels() {
        assertThat(RuleTexts.warnings(
                        GOOD.replace("{rule: slow, tier: P1, match_on: []}", "{signal: ttft, above: 1s}")))
                .containsExactly("rules.yml:16:21 rules.hot.tiers.P1: heat and ttft share no label to join on");
        assertThat(RuleTexts.warnings(GOOD.replace("by: [gpu]", "by: [gpus]")))
                .containsExactly(
                        "rules.yml:11:60 signals.heat.by[0]: label \"gpus\" is not known to gpu.temperature; did you mean \"gpu\"?");
    }

    @Test
    void warnsOfABrokenText() {
        assertThat(RuleTexts.warnings(GOOD.replace("slow: {", "slow: {summary: 'a {{ valu }} {{', ")))
                .hasSize(2)
                .first()
                .asString()
                .startsWith("rules.yml:15:19 rules.slow.summary: {{ valu }} is not known");
    }

    @Test
    void refusesConditionsThatAreTooDeepOrTooMany() {
        String deep = "{not: {not: {not: {not: {signal: heat, above: 90C}}}}}";
        assertThat(RuleTexts.errors(GOOD.replace("{signal: heat, above: 90C}", deep)))
                .singleElement()
                .asString()
                .contains("nested deeper than 4");
        String many = "{signal: heat, above: 90C}, ".repeat(32) + "{signal: heat, above: 90C}";
        assertThat(RuleTexts.errors(GOOD.replace("{signal: heat, above: 90C}", many)))
                .containsExactly("rules.yml:16:21 rules.hot.tiers.P1: 34 leaves; there may be at most 32");
    }

    @Test
    void namesACycleOnce() {
        String cycle = GOOD.replace("slow: {signal: ttft, tiers: {", "slow: {tiers: {P0: {rule: hot, tier: P1}, ")
                .replace("P2: {above: 500ms, clear_below: 400ms}, P1: {above: 1s}", "P1: {signal: ttft, above: 1s}");
        assertThat(RuleTexts.errors(cycle))
                .containsExactly("rules.yml:15:9 rules.slow: this rule leads back to itself: slow → hot → slow");
    }

    @Test
    void aRuleGoesOverTheBuiltInOneKeyByKey_andOneCanBeLeftOut() {
        RuleSet rules = RuleTexts.rules("""
                version: 1
                include: [builtin]
                disable: [latency_slow]
                rules:
                  ttft_slow:
                    tiers: {P1: {above: 2s, clear_below: 1s}}
                """);
        Rule rule = rules.rule("ttft_slow").orElseThrow();
        assertThat(rule.tiers()).containsOnlyKeys(Tier.P0, Tier.P1, Tier.P2);
        assertThat(limitOf(rule.tiers(), Tier.P1)).isEqualTo(2000);
        assertThat(rule.tiers().get(Tier.P1)).extracting(Rule.TierRule::holdFor).isEqualTo(Duration.ofMinutes(5));
        assertThat(rules.rule("latency_slow")).isEmpty();
        assertThat(rules.rule("gpu_hot")).isPresent();
        assertThat(rules.plan().receivers()).containsOnlyKeys("console");
    }

    @Test
    void severalFilesAreOneSet_andANameStandsOnce() {
        RuleLoader loader = new RuleLoader(Set.of(), ReceiverChecker.NONE);
        String more = "version: 1\nrules:\n  third: {signal: heat, tiers: {P3: {above: 50C}}}\n";
        assertThat(loader.load(List.of(new RuleFile("a.yml", GOOD), new RuleFile("b.yml", more)))
                        .rules()
                        .orElseThrow()
                        .rules())
                .hasSize(3);
        LoadResult twice =
                loader.load(List.of(new RuleFile("a.yml", GOOD), new RuleFile("b.yml", more.replace("third", "slow"))));
        assertThat(twice.rules()).isEmpty();
        assertThat(twice.problems())
                .singleElement()
                .asString()
                .isEqualTo("b.yml:3:9 rules.slow: stands already at a.yml:15:9");
    }

    @Test
    void receiversAreCheckedByWhoeverKnowsThem() {
        RuleLoader loader = new RuleLoader(
                Set.of(), (receiver, problems) -> problems.error(receiver.settings(), receiver.type() + " is wrong"));
        assertThat(loader.load(List.of(new RuleFile("rules.yml", GOOD))).problems())
                .extracting(Object::toString)
                .containsExactly(
                        "rules.yml:4:9 receivers.hook: webhook is wrong",
                        "rules.yml:5:8 receivers.out: console is wrong");
    }

    @Test
    void anOverrideMergesOverTheRulesOwnTiers() {
        Rule rule = RuleTexts.rules(GOOD.replace(
                        "slow: {", "slow: {overrides: [{where: {model: '*405b*'}, tiers: {P1: {above: 4s}}}], "))
                .rule("slow")
                .orElseThrow();
        assertThat(rule.overrides()).singleElement().satisfies(override -> {
            assertThat(override.tiers()).containsOnlyKeys(Tier.P1, Tier.P2);
            assertThat(limitOf(override.tiers(), Tier.P1)).isEqualTo(4000);
        });
    }

    private static double limitOf(Map<Tier, Rule.TierRule> tiers, Tier tier) {
        return tiers.entrySet().stream()
                .filter(entry -> entry.getKey() == tier)
                .map(entry -> (Condition.Threshold) entry.getValue().condition())
                .findFirst()
                .orElseThrow()
                .limit()
                .threshold();
    }
}
