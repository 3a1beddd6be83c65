package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NotificationPipelineTest {
    private static final AlertKey LLAMA = Engine.key("ttft_slow", "model", "llama");
    private static final AlertKey QWEN = Engine.key("ttft_slow", "model", "qwen");
    private static final String KEY = "inferwatch/gpu-host-17/ttft_slow/model=llama";

    private Sidecar sidecar;
    private StrictReceivers seen;

    @BeforeEach
    void start(@TempDir Path folder) {
        sidecar = new Sidecar(folder);
        seen = sidecar.receivers;
    }

    @AfterEach
    void nothingWasDoneWrong() {
        sidecar.close();
        assertThat(seen.faults).isEmpty();
    }

    private String slackText() {
        return seen.messages.values().toString();
    }

    private long calls(String path) {
        return seen.calls.stream().filter(call -> call.path().equals(path)).count();
    }

    @Test
    void breachIsToldOnceAndClosed_whenItComesAndGoes() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.tick();
        assertThat(seen.calls).isEmpty();

        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.tick();

        assertThat(seen.open).containsExactly(Map.entry(StrictReceivers.ROUTING_KEY + " " + KEY, "critical"));
        assertThat(seen.messages).hasSize(1);
        assertThat(slackText())
                .contains("TTFT p95 5.4 s on llama", "ttft_p95=5400ms &gt; 5000ms for 2m (412 samples)")
                .contains("https://runbooks.example/ttft", "gpu-host-17", "cluster=eu-1");

        sidecar.run(Duration.ofMinutes(5));
        assertThat(seen.calls).hasSize(2);

        sidecar.firing.clear();
        sidecar.tick();
        assertThat(seen.open).isEmpty();
        assertThat(seen.messages).hasSize(1);
        assertThat(slackText()).contains("Closed: cleared");
        assertThat(sidecar.database.count("notification_outbox")).isZero();
        assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
    }

    @Test
    void restartTellsNobodyTwice_andStillCloses() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.restart();
        sidecar.run(Duration.ofSeconds(30));
        assertThat(seen.calls).hasSize(2);

        sidecar.firing.clear();
        sidecar.tick();
        assertThat(seen.open).isEmpty();
        assertThat(seen.messages).hasSize(1);
        assertThat(slackText()).contains("Closed");
    }

    @Test
    void everythingOpenIsClosed_whenTheDatabaseIsLost() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.database.close();
        sidecar.database = io.inferwatch.notifier.testing.TestDatabase.h2();
        sidecar.firing.clear();
        sidecar.restart();

        sidecar.run(Duration.ofMinutes(10));
        assertThat(seen.open).as("its condition is not known yet").hasSize(1);
        sidecar.run(Duration.ofMinutes(6));
        assertThat(seen.open).isEmpty();
        assertThat(slackText()).contains("Closed");
    }

    @Test
    void nothingIsSent_whileTheDatabaseIsAway() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.database.failing = 3;
        sidecar.tick();
        assertThat(seen.calls).isEmpty();
        assertThat(sidecar.pipeline.stats().databaseProblem()).isPresent();

        sidecar.run(Duration.ofSeconds(20));
        assertThat(seen.open).hasSize(1);
        assertThat(sidecar.pipeline.stats().databaseProblem()).isEmpty();
        assertThat(sidecar.pipeline.stats().databaseFailures()).isEqualTo(3);
        assertThat(sidecar.database.count("alert_state")).isEqualTo(1);
    }

    @Test
    void tierChangeUpdatesTheSameAlert_whenItNeedNotWake() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of("thread_updates", "true")));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(2));

        assertThat(seen.open).containsExactly(Map.entry(StrictReceivers.ROUTING_KEY + " " + KEY, "warning"));
        assertThat(seen.created).containsExactly(KEY);
        assertThat(slackText()).contains("Now P2, was P1");
        assertThat(seen.messages.values().stream().filter(message -> message.containsKey("thread_ts")))
                .as("replies in the thread")
                .hasSize(1);
    }

    @Test
    void riseWakesByANewKeyAndThenClosesTheOld() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.tick();

        assertThat(seen.created).containsExactly(KEY, KEY + "#P0");
        assertThat(seen.open).containsExactly(Map.entry(StrictReceivers.ROUTING_KEY + " " + KEY + "#P0", "critical"));
        assertThat(seen.calls.stream()
                        .map(call -> call.body().get("event_action") + " "
                                + call.body().get("dedup_key")))
                .containsExactly("trigger " + KEY, "trigger " + KEY + "#P0", "resolve " + KEY);

        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(2));
        sidecar.firing.put(LLAMA, Tier.P0);
        sidecar.run(Duration.ofSeconds(2));
        assertThat(seen.created).containsExactly(KEY, KEY + "#P0", KEY + "#2");

        sidecar.firing.clear();
        sidecar.tick();
        assertThat(seen.open).isEmpty();
    }

    @Test
    void firstNoticeWaits_exceptForP0() {
        Receiver slack = sidecar.slack("slack", Map.of());
        Route route = new Route(
                Set.of(),
                Optional.empty(),
                List.of(),
                List.of("slack"),
                false,
                Optional.empty(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Optional.empty());
        sidecar.plan = new NotificationPlan(List.of(route), Map.of("slack", slack));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.firing.put(QWEN, Tier.P0);
        sidecar.tick();
        assertThat(seen.messages).hasSize(1);
        sidecar.run(Duration.ofSeconds(29));
        assertThat(seen.messages).hasSize(1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.messages).hasSize(2);
    }

    @Test
    void nobodyIsTold_whenItClearsWithinItsWait() {
        Receiver slack = sidecar.slack("slack", Map.of());
        Route route = new Route(
                Set.of(),
                Optional.empty(),
                List.of(),
                List.of("slack"),
                false,
                Optional.empty(),
                Duration.ofSeconds(30),
                Duration.ofSeconds(1),
                Optional.empty());
        sidecar.plan = new NotificationPlan(List.of(route), Map.of("slack", slack));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(10));
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(1));
        assertThat(seen.calls).isEmpty();
    }

    @Test
    void changesKeepTheIntervalAndRepeatsCountFromTheLastNotice_butClosesAndRisesDoNotWait() {
        Receiver slack = sidecar.slack("slack", Map.of());
        Route route = new Route(
                Set.of(),
                Optional.empty(),
                List.of(),
                List.of("slack"),
                false,
                Optional.of(List.of("rule")),
                Duration.ZERO,
                Duration.ofMinutes(5),
                Optional.of(Duration.ofMinutes(10)));
        sidecar.plan = new NotificationPlan(List.of(route), Map.of("slack", slack));
        sidecar.firing.put(LLAMA, Tier.P3);
        sidecar.tick();
        sidecar.firing.put(QWEN, Tier.P2);
        sidecar.run(Duration.ofSeconds(299));
        assertThat(seen.calls).as("interval").hasSize(1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.calls).hasSize(2);
        sidecar.run(Duration.ofSeconds(599));
        assertThat(seen.calls).as("repeat").hasSize(2);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.calls).hasSize(3);
        assertThat(slackText()).contains("Still fires");
        sidecar.firing.put(QWEN, Tier.P1);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.calls).as("a rise").hasSize(4);
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.calls).as("a close").hasSize(5);
        assertThat(seen.messages).as("one message all along").hasSize(1);
    }

    @Test
    void groupMovesBetweenReceivers_whenItsTierChangesTheRoute() {
        Map<String, Receiver> receivers = new LinkedHashMap<>();
        receivers.put("pd", sidecar.pagerDuty("pd", Map.of()));
        receivers.put("slack", sidecar.slack("slack", Map.of()));
        sidecar.plan = new NotificationPlan(
                List.of(Sidecar.route(List.of("pd"), Tier.P0, Tier.P1), Sidecar.route(List.of("slack"))), receivers);
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        assertThat(seen.open).hasSize(1);
        assertThat(seen.messages).isEmpty();
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open).isEmpty();
        assertThat(slackText()).contains("Fires");
    }

    @Test
    void removedReceiverSendsItsClosesWithTheOldKey_alsoAfterARestart() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.routeAllTo(sidecar.slack("slack", Map.of()));
        sidecar.restart();
        sidecar.tick();
        assertThat(seen.open).isEmpty();
        assertThat(seen.messages).hasSize(1);
    }

    @Test
    void openAlertStaysAtItsOldRoutingKey_whenTheKeyIsRotated() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of("routing_key", "fedcba9876543210fedcba9876543210")));
        sidecar.firing.put(QWEN, Tier.P1);
        sidecar.run(Duration.ofSeconds(1));
        sidecar.firing.remove(LLAMA);
        sidecar.run(Duration.ofSeconds(1));
        assertThat(seen.open.keySet())
                .containsExactly("fedcba9876543210fedcba9876543210 inferwatch/gpu-host-17/ttft_slow/model=qwen");
    }

    @Test
    void rateLimitHoldsTheWholeReceiver_untilRetryAfterHasPassed() {
        sidecar.routeAllTo(sidecar.slack("slack", Map.of()));
        seen.instead.add(new Instead(429, "{\"ok\":false,\"error\":\"ratelimited\"}", "20", false));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.firing.put(QWEN, Tier.P1);
        sidecar.run(Duration.ofSeconds(19));
        assertThat(seen.messages).isEmpty();
        sidecar.run(Duration.ofSeconds(4));
        assertThat(seen.messages).hasSize(2);
        assertThat(slackText()).doesNotContain("possible repeat");
    }

    @Test
    void repeatSaysSo_onlyWhenTheOutcomeWasUnknown() {
        sidecar.routeAllTo(sidecar.slack("slack", Map.of()));
        seen.instead.add(new Instead(0, "", "", true));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        sidecar.run(Duration.ofSeconds(10));
        assertThat(seen.messages).hasSize(2);
        assertThat(seen.messages.values().stream()
                        .map(Object::toString)
                        .filter(text -> text.contains("possible repeat")))
                .hasSize(1);
    }

    @Test
    void newestStateIsTold_whenTheReceiverWasAway() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        for (int i = 0; i < 6; i++) {
            seen.instead.add(Instead.status(503));
        }
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.firing.put(LLAMA, Tier.P3);
        sidecar.run(Duration.ofMinutes(4));
        assertThat(seen.open.values()).containsExactly("info");
        assertThat(calls("/v2/enqueue")).isEqualTo(1);
    }

    @Test
    void openThenCloseAreTold_whenItCameAndWentWhileTheReceiverWasAway() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        for (int i = 0; i < 3; i++) {
            seen.instead.add(Instead.status(503));
        }
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.firing.clear();
        sidecar.run(Duration.ofMinutes(4));
        assertThat(seen.created).containsExactly(KEY);
        assertThat(seen.closed).containsExactly(KEY);
        assertThat(sidecar.pipeline.stats().outboxDepth()).isZero();
    }

    @Test
    void fallbackIsToldAtOnce_whenTheReceiverTurnsItDown_andClosedWhenItRecovers() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of("fallback", "slack")), sidecar.slack("slack", Map.of()));
        sidecar.plan = new NotificationPlan(List.of(Sidecar.route(List.of("pd"))), sidecar.plan.receivers());
        seen.instead.add(new Instead(400, "{\"errors\":[\"bad key " + StrictReceivers.ROUTING_KEY + "\"]}", "", false));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        assertThat(seen.open).isEmpty();
        assertThat(seen.messages).hasSize(1);
        assertThat(slackText())
                .contains("pd could not be told: PagerDuty: HTTP 400")
                .doesNotContain(StrictReceivers.ROUTING_KEY);
        assertThat(sidecar.pipeline.stats().receivers().stream()
                        .filter(receiver -> receiver.degraded().isPresent()))
                .extracting(PipelineStats.ReceiverStats::name)
                .containsExactly("pd");

        sidecar.run(Duration.ofMinutes(6));
        assertThat(seen.open).hasSize(1);
        assertThat(slackText()).contains("Closed");
    }

    @Test
    void fallbackIsTold_whenTheSecretCannotBeRead_andTheReceiverWhenItCan() {
        sidecar.routeAllTo(
                sidecar.pagerDuty("pd", Map.of("fallback", "slack", "routing_key", Map.of("env", "PD_KEY"))),
                sidecar.slack("slack", Map.of()));
        sidecar.plan = new NotificationPlan(List.of(Sidecar.route(List.of("pd"))), sidecar.plan.receivers());
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        assertThat(slackText()).contains("environment variable PD_KEY is not set");
        sidecar.environment.put("PD_KEY", StrictReceivers.ROUTING_KEY);
        sidecar.run(Duration.ofMinutes(6));
        assertThat(seen.open).hasSize(1);
    }

    @Test
    void attemptsAndEpisodesAreOnRecord() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        seen.instead.add(Instead.status(500));
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.run(Duration.ofSeconds(10));
        HistoryFilter all = new HistoryFilter(
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 10);
        assertThat(sidecar.pipeline.recentDeliveries(10).join())
                .extracting(DeliveryRecord::outcome)
                .containsExactly("delivered", "retry");
        assertThat(sidecar.pipeline.alertHistory(all).join())
                .singleElement()
                .satisfies(past -> assertThat(past.closedAt()).isEmpty());
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(sidecar.pipeline.alertHistory(all).join())
                .singleElement()
                .satisfies(past -> assertThat(past.closedAt()).isPresent());
    }

    @Test
    void consoleAndWebhookSayWhatHappened() {
        sidecar.routeAllTo(
                sidecar.webhook("hook"),
                sidecar.hook("slackhook"),
                io.inferwatch.notifier.testing.Yaml.receiver("out", "console", Map.of()));
        sidecar.engine.summary = "slow\n\u001b[31mnow";
        sidecar.firing.put(LLAMA, Tier.P2);
        sidecar.tick();
        sidecar.firing.clear();
        sidecar.run(Duration.ofSeconds(1));
        assertThat(sidecar.console
                        .toString(java.nio.charset.StandardCharsets.UTF_8)
                        .lines())
                .hasSize(2)
                .allSatisfy(line -> assertThat(line).contains("ttft_slow").doesNotContain("\u001b"));
        assertThat(seen.hooks.stream()
                        .filter(body -> body.containsKey("alerts"))
                        .map(body -> body.get("status")))
                .containsExactly("firing", "resolved");
        assertThat(seen.hooks.stream().filter(body -> body.containsKey("blocks")))
                .hasSize(2);
        Map<String, Object> firing = seen.hooks.stream()
                .filter(body -> body.containsKey("alerts"))
                .findFirst()
                .orElseThrow();
        assertThat(Json.object(firing.get("inferwatch")))
                .containsEntry("kind", "opened")
                .containsEntry("tier", "P2");
    }

    @Test
    void testNoticeOpensAndCloses_andUnknownReceiversAreNamed() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()), sidecar.slack("slack", Map.of()));
        sidecar.tick();
        assertThat(sidecar.pipeline.sendTest("pd").join())
                .isInstanceOf(io.inferwatch.notifier.channel.Delivery.Delivered.class);
        assertThat(sidecar.pipeline.sendTest("slack").join())
                .isInstanceOf(io.inferwatch.notifier.channel.Delivery.Delivered.class);
        assertThat(seen.created).hasSize(1);
        assertThat(seen.open).isEmpty();
        assertThat(sidecar.pipeline.sendTest("pager").join().toString()).contains("no receiver \"pager\"");
    }
}
