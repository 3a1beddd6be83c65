package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MergedTextTest {
    private static final RuleLoader LOADER = new RuleLoader(Set.of(), ReceiverChecker.NONE);

    private static final String RULES = """
            version: 1
            include: [builtin]
            disable: [gpu_hot, gpu_idle, all_failing]
            defaults: {every: 10s}
            receivers:
              pager: {type: pagerduty, routing_key: 0123456789abcdef0123456789abcdef, region: eu, fallback: chat}
              chat: {type: slack, mode: bot, token: {file: /run/secrets/slack}, channel: "#ops"}
              hook: {type: webhook, url: "https://hooks.example/T0/secret", header_of_tomorrow: also-secret}
            routes:
              - {match: {tier: [P0, P1]}, to: [pager], wait: 0s}
              - {to: [chat, hook], group_by: [rule, model]}
            rules:
              ttft_slow:
                summary: "\\"{{ value }}\\" – colon: # no comment\\n"
                tiers: {P2: {above: 700ms}}
            """;

    private static String print(String text) {
        return LOADER.print(List.of(new RuleFile("rules.yml", text)));
    }

    private static RuleSet load(String text) {
        return LOADER.load(List.of(new RuleFile("rules.yml", text))).rules().orElseThrow();
    }

    /** Rules by name without their positions. */
    private static Map<String, List<Object>> content(RuleSet rules) {
        Map<String, List<Object>> all = new HashMap<>();
        for (Rule rule : rules.rules()) {
            all.put(
                    rule.name(),
                    List.of(
                            rule.tiers(),
                            rule.overrides().stream()
                                    .map(Rule.TierOverride::tiers)
                                    .toList(),
                            rule.noData(),
                            rule.maxInstances(),
                            rule.texts()));
        }
        return all;
    }

    @Test
    void theBuiltinPackReadsBackTheSame_whenThereIsNoFile() {
        RuleSet pack = LOADER.load(List.of()).rules().orElseThrow();

        RuleSet again = load(LOADER.print(List.of()));

        assertThat(content(again)).isEqualTo(content(pack)).isNotEmpty();
        assertThat(again.signals().values())
                .containsExactlyInAnyOrderElementsOf(pack.signals().values());
        assertThat(again.plan().routes()).isEqualTo(pack.plan().routes());
        assertThat(again.every()).isEqualTo(pack.every());
    }

    @Test
    void theOwnFileOverThePackReadsBackTheSame() {
        RuleSet rules = load(RULES);

        RuleSet again = load(print(RULES));

        assertThat(content(again)).isEqualTo(content(rules)).doesNotContainKey("gpu_hot");
        assertThat(again.signals().values().stream().map(Signal::name)).contains("ttft_p95");
        assertThat(again.plan().routes()).isEqualTo(rules.plan().routes());
        assertThat(again.every()).isEqualTo(rules.every());
        assertThat(again.rule("ttft_slow").flatMap(rule -> rule.texts().summary()))
                .isEqualTo(Optional.of("\"{{ value }}\" – colon: # no comment\n"));
    }

    @Test
    void aWrittenOutSecretIsHidden_andWhereASecretLiesIsShown() {
        assertThat(print(RULES))
                .doesNotContain("0123456789abcdef")
                .doesNotContain("hooks.example")
                .doesNotContain("also-secret")
                .contains("pager: {type: pagerduty, routing_key: \"<hidden>\", region: eu, fallback: chat}")
                .contains("token: {file: /run/secrets/slack}, channel: \"#ops\"");
    }

    @Test
    void whatIsLeftUnsaidStandsThere() {
        assertThat(print(RULES)).startsWith("""
                        version: 1
                        defaults:
                          every: 10s
                          clear_for: 2m
                          no_data: {policy: keep, after: 3m}
                          max_instances: 200
                        """);
    }
}
