package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.notifier.testing.StrictReceivers.Instead;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.Tier;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeliveryTest {
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
