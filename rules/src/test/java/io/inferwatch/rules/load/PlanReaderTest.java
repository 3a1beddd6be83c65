package io.inferwatch.rules.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.rules.MuteTime;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.testing.RuleTexts;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlanReaderTest {
    private static final String GOOD = """
            version: 1
            defaults: {flap: {changes: 4, within: 30m, hold: 10m}}
            receivers:
              pager: {type: pagerduty, routing_key: {file: /run/secrets/pager}}
              chat: {type: console}
            routes:
              - {match: {tier: P0}, to: [pager], escalate: {after: 15m, to: [chat]}}
              - {to: [chat], mute: [nights], escalate: [{after: 5m, to: chat}, {after: 1h, to: chat}]}
            inhibit:
              - {name: worst-first, source: {tier: P0}, mute: {tier: [P1, P2]}, same: [model]}
            mute_times:
              nights: [{days: [sat, sun], from: "22:00", to: "07:00", tz: Europe/Berlin}]
            silences:
              - {match: {model: canary-*}, from: 2026-12-01T00:00:00Z, until: 2026-12-02T00:00:00+01:00, by: ops, why: load test}
            watchdog: {url: {file: /run/secrets/deadman}, every: 30s, to: [chat]}
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms}
            rules:
              slow: {signal: ttft, tiers: {P1: {above: 1s}}}
            """;

    @Test
    void readsWhatHoldsNoticesBack() {
        NotificationPlan plan = RuleTexts.rules(GOOD).plan();

        assertThat(plan.flap()).isEqualTo(new FlapGuard(4, Duration.ofMinutes(30), Duration.ofMinutes(10)));
        assertThat(plan.inhibitions()).singleElement().satisfies(inhibition -> {
            assertThat(inhibition.name()).isEqualTo("worst-first");
            assertThat(inhibition.same()).containsExactly("model");
        });
        assertThat(plan.silences()).singleElement().satisfies(silence -> {
            assertThat(silence.id()).isEqualTo("file-1");
            assertThat(silence.until()).isEqualTo(Instant.parse("2026-12-01T23:00:00Z"));
        });
        assertThat(plan.routes().getLast().mute()).containsExactly("nights");
        assertThat(plan.routes().getLast().escalations())
                .containsExactly(
                        new Escalation(Duration.ofMinutes(5), List.of("chat")),
                        new Escalation(Duration.ofHours(1), List.of("chat")));
        assertThat(plan.watchdog()).hasValueSatisfying(watchdog -> {
            assertThat(watchdog.every()).isEqualTo(Duration.ofSeconds(30));
            assertThat(watchdog.to()).containsExactly("chat");
        });
    }

    @Test
    void flapGuardHasItsDefaults_whenNothingIsWritten() {
        assertThat(RuleTexts.rules(GOOD.replaceFirst("defaults: .*\n", ""))
                        .plan()
                        .flap())
                .isEqualTo(new FlapGuard(6, Duration.ofHours(1), Duration.ofMinutes(30)));
    }

    @Test
    void warnsWhereAnEscalationCannotSeeThePagersOwnAcknowledgements() {
        assertThat(RuleTexts.warnings(GOOD)).singleElement().asString().contains("without pager.api_token");
        assertThat(RuleTexts.warnings(GOOD.replace("routing_key:", "api_token: {env: X}, routing_key:")))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "mute: [nights] | mute: [nigths] | routes[1].mute[0]: unknown mute time \"nigths\"; did you mean \"nights\"?",
                "after: 15m, | `` | routes[0].escalate: \"after\" is missing here",
                "after: 15m, to: [chat] | after: 15m, to: [chta] | routes[0].escalate.to[0]: unknown receiver \"chta\"; did you mean \"chat\"?",
                "source: {tier: P0}, | `` | inhibit[0]: \"source\" is missing here",
                "{tier: P0}, mute: {tier | {rule: slwo}, mute: {tier | inhibit[0].source.rule: unknown rule \"slwo\"; did you mean \"slow\"?",
                "same: [model] | equal: [model] | inhibit[0].equal: unknown key \"equal\"",
                "from: \"22:00\" | from: \"22:60\" | mute_times.nights[0].from: \"22:60\" is no time of day; write it like \"07:30\", from 00:00 to 24:00",
                "sat, sun | sat, snu | mute_times.nights[0].days[1]: \"snu\" is none of mon, tue, wed, thu, fri, sat, sun",
                "Europe/Berlin | Europe/Berlni | mute_times.nights[0].tz: \"Europe/Berlni\" is no time zone; write it like Europe/Berlin or UTC",
                "match: {model: canary-*} | match: {} | silences[0].match: match names nothing; name a tier, a rule or a label",
                "days: [sat, sun] | days: [] | mute_times.nights[0].days: no day is named; leave days out for all of them",
                ", by: ops | `` | silences[0]: \"by\" is missing here",
                ", why: load test | `` | silences[0]: \"why\" is missing here",
                "by: ops | by: \" \" | silences[0].by: by says nothing",
                "why: load test | why: \"\" | silences[0].why: why says nothing; whoever finds",
                "until: 2026-12-02T00:00:00+01:00, | `` | silences[0]: \"until\" is missing here",
                "until: 2026-12-02T00:00:00+01:00 | until: 2026-11-02T00:00:00Z | silences[0].until: until is not after from",
                "until: 2026-12-02T00:00:00+01:00 | until: tomorrow | silences[0].until: \"tomorrow\" is no time; write it like 2026-12-01T00:00:00Z",
                "every: 30s | every: 1s | watchdog.every: 1s is outside 10s to 1h",
                "30s, to: [chat] | 30s, to: [chta] | watchdog.to[0]: unknown receiver \"chta\"; did you mean \"chat\"?",
                "url: {file: /run/secrets/deadman}, | `` | watchdog: \"url\" is missing here",
            })
    void tellsWhatIsWrong(String from, String to, String problem) {
        assertThat(GOOD).contains(from);
        assertThat(RuleTexts.errors(GOOD.replace(from, to == null ? "" : to)))
                .anySatisfy(error -> assertThat(error).contains(problem));
    }

    private static List<String> warningsOfRoutes(String routes) {
        return RuleTexts.warnings("""
                version: 1
                receivers: {chat: {type: console}}
                routes: ROUTES
                signals:
                  ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms}
                rules:
                  slow: {signal: ttft, tiers: {P1: {above: 1s}, P2: {above: 500ms}}}
                  slower: {signal: ttft, tiers: {P2: {above: 600ms}}}
                """.replace("ROUTES", routes));
    }

    @Test
    void warnsOfWhatNobodyIsTold() {
        assertThat(warningsOfRoutes("[{match: {tier: P1}, to: chat}]"))
                .containsExactly("rules.yml:3:10 routes[0]: no route takes P2 of slow and 1 more: nobody is told");
        assertThat(warningsOfRoutes("[{to: []}]"))
                .containsExactly("rules.yml:3:10 routes[0]: names no receiver: nobody is told of what it takes");
        assertThat(warningsOfRoutes("[{to: chat}, {match: {tier: P1}, to: chat}]"))
                .containsExactly("rules.yml:3:22 routes[1]: is never reached: the route before it takes everything");
        assertThat(warningsOfRoutes("[{to: chat, also: true}, {match: {tier: P1}, to: chat}]"))
                .isEmpty();
        assertThat(warningsOfRoutes("[{match: {rule: slow}, to: chat}, {match: {model: m}, to: chat}]"))
                .as("it depends on the model")
                .isEmpty();
    }

    @Test
    void warnsOfLabelsThatNoAlertHas() {
        String wrong = GOOD.replace(
                        "{to: [chat], mute",
                        "{match: {modle: x, host: h}, group_by: [rule, gpu, sever], to: [chat], mute")
                .replace("match: {model: canary-*}", "match: {mode: canary-*}")
                .replace("same: [model]", "same: [models]");
        assertThat(RuleTexts.warnings(wrong))
                .filteredOn(text -> text.contains("no alert has"))
                .containsExactly(
                        "rules.yml:8:21 routes[1].match.modle: no alert has a label \"modle\"; did you mean \"model\"?",
                        "rules.yml:8:56 routes[1].group_by[2]: no alert has a label \"sever\"; did you mean \"server\"?",
                        "rules.yml:10:76 inhibit[0].same[0]: no alert has a label \"models\"; did you mean \"model\"?",
                        "rules.yml:14:20 silences[0].match.mode: no alert has a label \"mode\"; did you mean \"model\"?");
        assertThat(RuleTexts.warnings(GOOD.replace("slow: {signal", "slow: {labels: {team: x}, signal")
                        .replace("same: [model]", "same: [team]")))
                .noneMatch(text -> text.contains("no alert has"));
    }

    private static boolean isMuted(String instant) {
        MuteTime nights = RuleTexts.rules(GOOD).plan().muteTimes().get("nights");
        return java.util.Objects.requireNonNull(nights).contains(Instant.parse(instant));
    }

    /** 2026-01-10 is a Saturday; Berlin is an hour before UTC in winter, two in summer. */
    @Test
    void muteTimeFollowsTheWallClockOverMidnight() {
        assertThat(isMuted("2026-01-10T20:59:59Z")).isFalse();
        assertThat(isMuted("2026-01-10T21:00:00Z")).isTrue();
        assertThat(isMuted("2026-01-11T05:59:59Z")).isTrue();
        assertThat(isMuted("2026-01-11T06:00:00Z")).isFalse();
        assertThat(isMuted("2026-01-12T05:00:00Z")).as("begun on Sunday").isTrue();
        assertThat(isMuted("2026-01-13T05:00:00Z"))
                .as("Monday does not begin one")
                .isFalse();
    }

    /** On 2026-03-29 at 01:00 UTC Berlin's clock goes from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00. */
    @Test
    void muteTimeEndsByTheWallClock_whenTheClockIsChanged() {
        assertThat(isMuted("2026-03-29T04:59:59Z")).isTrue();
        assertThat(isMuted("2026-03-29T05:00:00Z")).isFalse();
        assertThat(isMuted("2026-10-25T05:59:59Z")).isTrue();
        assertThat(isMuted("2026-10-25T06:00:00Z")).isFalse();
    }
}
