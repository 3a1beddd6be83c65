package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.AlertScene;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.FakePagerDuty;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.ScriptedAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A breach pushed over HTTP reaches PagerDuty and Slack, means the right thing there, and is closed again. */
class AlertDeliveryTest {
    private static final Duration TOLD = Duration.ofSeconds(15);
    private static final Duration CLEARED = Duration.ofSeconds(30);
    /** Long enough for several ticks and deliveries, to see that nothing more is sent. */
    private static final Duration QUIET = Duration.ofSeconds(3);

    private static final String RULES = """
            routes:
              - {match: {tier: P0}, to: [pd, slack], group_by: [rule, model], wait: 0s, interval: 1s, repeat: 1h}
              - {match: {tier: P1}, to: [pd], group_by: [rule, model], wait: 0s, interval: 1s, repeat: 1h}
              - {match: {tier: P2}, to: [pd, slack], group_by: [rule, model], wait: 0s, interval: 1s, repeat: 1h}
              - {match: {tier: P3}, to: [hook], group_by: [rule, model], wait: 0s, interval: 1s, repeat: 1h}
            signals:
              ttft_p95: {metric: llm.ttft, agg: p95, over: 5s, by: [model], unit: ms, min_samples: 5}
              bad_share: {ratio: {part: {metric: llm.requests, where: {outcome: [error, timeout]}},
                          whole: {metric: llm.requests, where: {outcome: [success, error, timeout]}}},
                          agg: increase, over: 1m..30m, by: [model], unit: ratio, min_samples: 5}
              speed: {metric: custom.speed, agg: max, over: 10s, by: [line]}
            rules:
              ttft_slow:
                signal: ttft_p95
                tiers:
                  P2: {above: 500ms, clear_below: 400ms}
                  P0: {above: 2s, clear_below: 1500ms}
                summary: "TTFT p95 {{ value }} on {{ labels.model }} <!channel> <@U123>"
                runbook: https://runbooks.example/ttft
              outage:
                signal: bad_share
                tiers: {P1: {at_least: 100%, clear_below: 90%}}
                summary: "every request to {{ labels.model }} fails ({{ samples }} requests)"
              speeding:
                signal: speed
                tiers: {P3: {above: 100}}
                summary: "{{ labels.line }} goes {{ value }}"
            """;

    private static AlertScene scene;

    @BeforeAll
    static void start() {
        scene = new AlertScene("{every: 1s, clear_for: 1s}", RULES);
    }

    @AfterAll
    static void stop() {
        scene.close();
    }

    /** What one test leaves undelivered must not come in the middle of the next, nor what it left down stay so. */
    @AfterEach
    void standInsAnswerAgain_andSawNoFault() {
        scene.pagerDuty().setDown(false);
        scene.slack().setDown(false);
        assertThat(scene.faults()).as(scene.story()).isEmpty();
    }

    @Test
    void breachOpensBoth_andClearingClosesBoth() {
        String model = "steady-breach";
        scene.whilePushing(model, 5_000, () -> {
            awaitOpen(model, "critical");
            awaitSlack(model);
            stays(
                    "one alert, one message",
                    () -> opens(model) == 1 && scene.slack().messages(model).size() == 1);
        });
        JsonNode alert = firing(model);
        assertThat(alert.path("tier").asText()).isEqualTo("P0");
        assertThat(alert.path("why").path(0).path("leaf").asText()).isEqualTo("ttft_p95");
        assertThat(alert.path("why").path(0).path("value").asDouble()).isBetween(4_990.0, 5_010.0);
        assertThat(alert.path("why").path(0).path("result").asBoolean()).isTrue();
        assertThat(alert.path("runbook").asText()).isEqualTo("https://runbooks.example/ttft");
        String words = scene.slack().messages(model).getFirst().words();
        assertThat(words).contains("TTFT p95").contains("runbooks.example/ttft").contains("ttft_p95");

        awaitCleared(model);
        await(
                "the message says it is over",
                TOLD,
                () -> scene.slack().messages(model).getFirst().updates() > 0);
        assertThat(scene.slack().messages(model)).as("updated in place").hasSize(1);
        assertThat(scene.pagerDuty().events(model).getLast().action()).isEqualTo("resolve");
    }

    /** P2 → P0 must wake somebody: a new key opens first, then the old one closes. */
    @Test
    void riseToP0_opensANewKeyAndThenClosesTheOld() {
        String model = "rising";
        scene.whilePushing(model, 700, () -> {
            awaitOpen(model, "warning");
            awaitSlack(model);
        });
        String old = scene.pagerDuty().openKeys(model).getFirst();
        scene.whilePushing(model, 5_000, () -> {
            await(
                    "the old key closed",
                    TOLD,
                    () -> scene.pagerDuty().events(model).stream().anyMatch(event -> isClose(event, old)));
            assertThat(scene.pagerDuty().openKeys(model))
                    .hasSize(1)
                    .allSatisfy(key -> assertThat(key).endsWith("#P0"));
            assertThat(scene.pagerDuty().severity(model)).contains("critical");
            stays("no further page", () -> opens(model) == 2);
        });
        List<FakePagerDuty.Event> events = scene.pagerDuty().events(model);
        assertThat(events.stream().map(FakePagerDuty.Event::action).toList())
                .as("the new key opens before the old one closes: %s", events)
                .containsExactly("trigger", "trigger", "resolve");
        assertThat(scene.slack().messages(model))
                .as("one message for one alert")
                .hasSize(1);
        awaitCleared(model);
    }

    /** A fall wakes nobody: the same key gets another trigger with the lower severity. */
    @Test
    void fallFromP0_keepsItsKey() {
        String model = "falling";
        scene.whilePushing(model, 5_000, () -> {
            awaitOpen(model, "critical");
        });
        String key = scene.pagerDuty().openKeys(model).getFirst();
        scene.whilePushing(model, 700, () -> {
            awaitOpen(model, "warning");
        });
        assertThat(scene.pagerDuty().openKeys(model)).containsExactly(key);
        awaitCleared(model);
    }

    @Test
    void killInBetween_sendsNothingTwiceAndStillCloses() {
        String model = "killed-between";
        scene.whilePushing(model, 5_000, () -> {
            awaitOpen(model, "critical");
            awaitSlack(model);
            awaitReceipts(model, 2);
        });
        String firedAt = firing(model).path("fired_at").asText();
        scene.sidecar().kill();
        scene.sidecar().start();
        assertThat(firing(model).path("fired_at").asText())
                .as("state carried over")
                .isEqualTo(firedAt);
        scene.whilePushing(model, 5_000, () -> {
            await("firing after the restart", TOLD, () -> isFiring(model));
            stays(
                    "nobody is told again",
                    () -> scene.pagerDuty().events(model).size() == 1
                            && scene.slack().messages(model).size() == 1);
            assertThat(scene.slack().messages(model).getFirst().updates()).isZero();
        });
        awaitCleared(model);
        assertThat(scene.pagerDuty().events(model).stream()
                        .map(FakePagerDuty.Event::action)
                        .toList())
                .containsExactly("trigger", "resolve");
    }

    /** The tick has decided and the outbox holds the notice, but nobody could be told before the death. */
    @Test
    void killBeforeDelivery_tellsOnceAfterTheRestart() {
        String model = "killed-before";
        scene.pagerDuty().setDown(true);
        scene.slack().setDown(true);
        scene.whilePushing(model, 5_000, () -> {
            await("firing", TOLD, () -> isFiring(model));
        });
        scene.sidecar().kill();
        scene.pagerDuty().setDown(false);
        scene.slack().setDown(false);
        scene.sidecar().start();
        scene.whilePushing(model, 5_000, () -> {
            await(
                    "both told after the restart",
                    Duration.ofSeconds(60),
                    () -> opens(model) == 1 && scene.slack().messages(model).size() == 1);
            stays(
                    "told once",
                    () -> opens(model) == 1 && scene.slack().messages(model).size() == 1);
        });
        awaitCleared(model);
    }

    @Test
    void outageOfTimeoutsOnly_pages() {
        String model = "only-timeouts";
        scene.pushLines(IntStream.range(0, 6)
                .mapToObj(i -> failed(model, "timeout", Instant.now()))
                .toList());
        awaitOpen(model, "error");
        assertThat(firing(model).path("rule").asText()).isEqualTo("outage");
    }

    /** Three requests in five minutes: six timeouts, the oldest ten minutes back. */
    @Test
    void sparseOutageOfTimeouts_pages() {
        String model = "sparse-timeouts";
        Instant now = Instant.now();
        scene.pushLines(IntStream.range(0, 6)
                .mapToObj(i -> failed(model, "timeout", now.minusSeconds(100L * i)))
                .toList());
        awaitOpen(model, "error");
    }

    @Test
    void oneSuccessAmongTheFailures_isNoOutage() {
        String model = "mostly-failing";
        scene.pushLines(IntStream.range(0, 9)
                .mapToObj(i -> failed(model, i == 4 ? "success" : "error", Instant.now()))
                .toList());
        stays("no page", () -> opens(model) == 0);
    }

    @Test
    void tooManyRequestsFromSlack_isWaitedForAndDelivered() {
        String model = "slack-busy";
        scene.slack()
                .next(ScriptedAnswer.tooMany(Duration.ofSeconds(3)), ScriptedAnswer.tooMany(Duration.ofSeconds(2)));
        scene.whilePushing(model, 700, () -> {
            await(
                    "Slack told in the end: ",
                    Duration.ofSeconds(40),
                    () -> scene.slack().messages(model).size() == 1);
        });
        assertThat(scene.slack().scriptedLeft()).isZero();
        awaitCleared(model);
    }

    @Test
    void pagerDutyDownForAWhile_isToldWhenItReturns_andSlackDoesNotWait() {
        String model = "pd-down";
        scene.pagerDuty().setDown(true);
        scene.whilePushing(model, 5_000, () -> {
            awaitSlack(model);
            int before = scene.pagerDuty().calls().size();
            await("tried again", CLEARED, () -> scene.pagerDuty().calls().size() > before + 1);
            scene.pagerDuty().setDown(false);
            await("told when it was back: ", Duration.ofSeconds(90), () -> opens(model) == 1);
        });
        awaitCleared(model);
    }

    /** The connection dies after PagerDuty took the event: sending again is right, since the key is the same. */
    @Test
    void answerLost_doesNotOpenASecondAlert() {
        String model = "answer-lost";
        scene.pagerDuty().next(new ScriptedAnswer.Reset(true));
        scene.whilePushing(model, 5_000, () -> {
            await("sent again", CLEARED, () -> scene.pagerDuty().events(model).size() >= 2);
        });
        assertThat(scene.pagerDuty().openKeys(model)).hasSize(1);
        awaitCleared(model);
    }

    @Test
    void hostileLabelValues_arriveAsPlainText() {
        for (String model : List.of(
                "<!channel> & <@U999> <https://evil.example|click>",
                "模型-ü-😀-\"quoted\"\\back",
                "line\nbreak\ttab",
                "{{ value }}%s${jndi:ldap://x}",
                "long-" + "x".repeat(200))) {
            scene.whilePushing(
                    model,
                    5_000,
                    () -> await(
                            "PagerDuty told of " + model,
                            TOLD,
                            () -> scene.pagerDuty().events("").stream().anyMatch(event -> names(event, model))));
        }
        assertThat(scene.slack().messages())
                .allSatisfy((ts, message) -> assertThat(message.words()).doesNotContain("<https://evil.example"));
        scene.pagerDuty()
                .events("")
                .forEach(event -> assertThat(event.dedupKey().length()).isLessThanOrEqualTo(255));
    }

    @Test
    void lowestTier_reachesTheWebhookOnly() {
        await("the webhook is told", TOLD, () -> {
            pushSpeed(140);
            return scene.slack().hooked("line-7").size() == 1;
        });
        assertThat(scene.pagerDuty().events("line-7")).isEmpty();
        await("and told that it is over", CLEARED, () -> {
            pushSpeed(50);
            return scene.slack().hooked("line-7").size() == 2;
        });
    }

    private static void pushSpeed(double value) {
        String sample = Json.object("metric", "custom.speed", "value", value, "labels", Json.object("line", "line-7"))
                .toString();
        scene.sidecar()
                .api()
                .post("/api/v1/samples", "application/json", sample)
                .json(202);
    }

    private static String failed(String model, String outcome, Instant time) {
        return Json.object("model", model, "outcome", outcome, "latency_ms", 60_000, "time", time.toString())
                .toString();
    }

    private static boolean names(FakePagerDuty.Event event, String model) {
        return event.body()
                .toString()
                .contains(Json.object("model", model).get("model").toString());
    }

    private static boolean isClose(FakePagerDuty.Event event, String key) {
        return event.action().equals("resolve") && event.dedupKey().equals(key);
    }

    /** Alerts opened so far, which is how often somebody was woken. */
    private static long opens(String model) {
        return scene.pagerDuty().events(model).stream()
                .filter(event -> event.action().equals("trigger"))
                .map(FakePagerDuty.Event::dedupKey)
                .distinct()
                .count();
    }

    private static void awaitOpen(String model, String severity) {
        await(
                "PagerDuty shows " + model + " as " + severity,
                TOLD,
                () -> scene.pagerDuty().severity(model).equals(Optional.of(severity)));
    }

    private static void awaitSlack(String model) {
        await(
                "one Slack message names " + model,
                TOLD,
                () -> scene.slack().messages(model).size() == 1);
    }

    /** The answers have come back and are known: a kill before that may rightly send again. */
    private static void awaitReceipts(String model, int count) {
        await(count + " deliveries for " + model + " in the log", TOLD, () -> {
            int delivered = 0;
            for (JsonNode entry :
                    scene.sidecar().api().read("/api/v1/notifications").path("notifications")) {
                boolean isMine = entry.path("key").asText().endsWith("=" + model);
                delivered += isMine && entry.path("outcome").asText().equals("delivered") ? 1 : 0;
            }
            return delivered >= count;
        });
    }

    private static void await(String what, Duration limit, BooleanSupplier condition) {
        Await.until(() -> what + "\n" + scene.story(), limit, condition);
    }

    /** The condition goes on to hold while several ticks and deliveries pass. */
    private static void stays(String what, BooleanSupplier condition) {
        if (Await.within(QUIET, () -> !condition.getAsBoolean())) {
            throw new AssertionError("did not stay so: " + what + "\n" + scene.story());
        }
    }

    /** Pushes what is well until nothing of the model is open any more. */
    private static void awaitCleared(String model) {
        scene.whilePushing(
                model,
                50,
                () -> await(
                        "closed at PagerDuty: " + model,
                        CLEARED,
                        () -> scene.pagerDuty().openKeys(model).isEmpty()));
    }

    private static boolean isFiring(String model) {
        return !alerts(model).isEmpty();
    }

    private static JsonNode firing(String model) {
        assertThat(alerts(model)).as("firing alerts of " + model).hasSize(1);
        return alerts(model).getFirst();
    }

    private static List<JsonNode> alerts(String model) {
        JsonNode alerts =
                scene.sidecar().api().read("/api/v1/alerts", "state", "firing").path("alerts");
        return IntStream.range(0, alerts.size())
                .mapToObj(alerts::get)
                .filter(alert -> alert.path("labels").path("model").asText().equals(model))
                .toList();
    }
}
