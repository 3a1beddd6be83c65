package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.console.ConsoleFactory;
import io.inferwatch.notifier.outbound.AllowedHosts;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.notifier.pagerduty.PagerDutyFactory;
import io.inferwatch.notifier.slack.SlackFactory;
import io.inferwatch.rules.book.InlineTests;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Problem;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Secrets that these rules name lie nowhere: reading one would fail. */
class NotificationRehearsalTest {
    private static final Outbound OUTBOUND = new Outbound(new AllowedHosts(List.of()), () -> Instant.EPOCH);

    private static final String RULES = """
            version: 1
            receivers:
              pager: {type: pagerduty, routing_key: {file: /nowhere/pager}, fallback: chat}
              chat: {type: slack, mode: bot, token: {file: /nowhere/chat}, channel: C0123ABCD}
            routes:
              - {match: {tier: [P0, P1], cluster: eu}, to: [pager, chat], wait: 30s, interval: 5m, repeat: 4h}
              - {match: {tier: P2, host: gpu-1}, to: [chat, PAGED_BY_P2], wait: 1m, interval: 5m, repeat: REPEAT}
            signals:
              queue: {metric: llm.waiting, agg: avg, over: 5m, by: [server]}
            rules:
              queue_long:
                signal: queue
                clear_for: 2m
                tiers:
                  P2: {above: 10, for: 3m, clear_below: 8}
                  P1: {above: 50, for: 3m, clear_below: 40}
            tests:
              - name: climbs and clears
                rule: queue_long
                step: 1m
                input:
                  - {signal: queue, labels: {server: a}, values: "VALUES"}
                expect:
                  - {at: 1m, sent: {chat: [], pager: []}}
                  - {at: 40m, sent: EXPECTED}
            """;

    private static final String CLIMBS = "20x6 90x6 1x40";

    @AfterAll
    static void close() {
        OUTBOUND.close();
    }

    private static List<String> run(String rules) {
        ChannelTypes types = new ChannelTypes(List.of(
                new PagerDutyFactory(OUTBOUND, "", name -> null),
                new SlackFactory(OUTBOUND, "", name -> null),
                new ConsoleFactory(System.out, () -> Instant.EPOCH)));
        LoadResult loaded =
                new RuleLoader(Set.of("host", "cluster"), types::check).load(List.of(new RuleFile("rules.yml", rules)));
        assertThat(loaded.problems()).filteredOn(problem -> !problem.warning()).isEmpty();
        NotificationRehearsal rehearsal = new NotificationRehearsal("gpu-1", LabelSet.of("cluster", "eu"), types);
        return new InlineTests(Optional.of(rehearsal))
                .run(loaded.rules().orElseThrow()).stream()
                        .map(Problem::toString)
                        .toList();
    }

    private static List<String> run(String values, String expected) {
        return run(RULES.replace(", PAGED_BY_P2", "")
                .replace("REPEAT", "12h")
                .replace("VALUES", values)
                .replace("EXPECTED", expected));
    }

    @Test
    void eachReceiverIsSentWhatItsRoutesSay_whenAnAlertClimbsAndClears() {
        assertThat(run(CLIMBS, "{chat: [P2 trigger, P1 update, resolve], pager: [P1 trigger, resolve]}"))
                .isEmpty();
    }

    @Test
    void aReceiverLeftOutIsNotAsserted() {
        assertThat(run(CLIMBS, "{pager: [P1 trigger, resolve]}")).isEmpty();
    }

    @Test
    void aRiseThatMustWakeSomebodyIsATriggerAndEndsTheOldKey_whereTheReceiverRingsOnceAKey() {
        String rules = RULES.replace("PAGED_BY_P2", "pager")
                .replace("REPEAT", "12h")
                .replace("VALUES", CLIMBS)
                .replace("EXPECTED", "{pager: [P2 trigger, P1 trigger, resolve, resolve]}");

        assertThat(run(rules)).isEmpty();
    }

    @Test
    void aFallOfTheTierIsAnUpdateUnderTheSameKey_whereTheReceiverRingsOnceAKey() {
        String rules = RULES.replace("PAGED_BY_P2", "pager")
                .replace("REPEAT", "12h")
                .replace("VALUES", "90x9 20x9 1x40")
                .replace("EXPECTED", "{pager: [P1 trigger, P2 update, resolve]}");

        assertThat(run(rules)).isEmpty();
    }

    @Test
    void whatStillFiresIsRepeated_whenTheRouteSaysSo() {
        String rules = RULES.replace(", PAGED_BY_P2", "")
                .replace("REPEAT", "10m")
                .replace("VALUES", "20x19 1x40")
                .replace("EXPECTED", "{chat: [P2 trigger, P2 repeat, resolve]}");

        assertThat(run(rules)).isEmpty();
    }

    @Test
    void nothingIsSent_whenItClearsBeforeTheWaitIsOver() {
        assertThat(run("20x2 1x40", "{chat: [], pager: []}")).isEmpty();
    }

    @Test
    void saysWhatWasSentInstead_whenItIsSomethingElse() {
        assertThat(run(CLIMBS, "{chat: [P2 trigger, resolve], pager: [P1 trigger, resolve]}"))
                .singleElement()
                .asString()
                .contains("test \"climbs and clears\" at 40m: chat was sent [P2 trigger, P1 update, resolve],"
                        + " not [P2 trigger, resolve]");
    }

    @Test
    void namesTheReceiversThereAre_whenOneIsUnknown() {
        assertThat(run(CLIMBS, "{pagr: [resolve]}"))
                .singleElement()
                .asString()
                .contains("sent names no receiver \"pagr\"; there are [chat, pager]");
    }

    @Test
    void namesTheWordsThereAre_whenOneIsUnknown() {
        assertThat(run(CLIMBS, "{chat: [P2 triger, resolve]}"))
                .singleElement()
                .asString()
                .contains("sent.chat is a list of \"P2 trigger\"");
    }
}
