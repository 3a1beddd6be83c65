package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
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
    void damagedToldLogIsSkippedAndTellingGoesOn(@TempDir Path folder) throws java.io.IOException {
        Path file = folder.resolve("told.log");
        java.nio.file.Files.writeString(file, "deadbeef T nonsense\n\u0000\u0001half a li");
        ToldLog log = new ToldLog(file);
        assertThat(log.load()).isEmpty();
        assertThat(log.damagedLines()).isEqualTo(2);

        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P1);
        sidecar.tick();
        assertThat(seen.open).hasSize(1);
    }

    @Test
    void whatCanWaitIsNotSent_whileTheDatabaseIsAway() {
        sidecar.routeAllTo(sidecar.pagerDuty("pd", Map.of()));
        sidecar.firing.put(LLAMA, Tier.P2);
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
}
