package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.AlertScene;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What people on call do over HTTP: silence, take on, let go. */
class OperatorTest {
    private static final Duration TOLD = Duration.ofSeconds(15);
    private static final String SILENCES = "/api/v1/silences";
    private static final String RULES = """
            routes:
              - {to: [pd], group_by: [rule, model], wait: 0s, interval: 1s, repeat: 1h}
            silences:
              - {match: {model: retired}, until: 2100-01-01T00:00:00Z, by: ops, why: it is retired}
            signals:
              ttft_p95: {metric: llm.ttft, agg: p95, over: 5s, by: [model], unit: ms, min_samples: 5}
            rules:
              ttft_slow: {signal: ttft_p95, tiers: {P1: {above: 500ms, clear_below: 400ms}}}
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

    @AfterEach
    void standInsSawNoFault() {
        assertThat(scene.faults()).as(scene.story()).isEmpty();
    }

    private static Answer asAdmin(String method, String path, String body) {
        return scene.sidecar().api().sendAsAdmin(method, path, SidecarApi.JSON, body);
    }

    private static boolean isFiring(String model) {
        return scene.sidecar()
                .api()
                .read("/api/v1/alerts", "state", "firing")
                .toString()
                .contains(model);
    }

    private static String marks() {
        return scene.sidecar().api().read("/api/v1/events", "kind", "silence").toString();
    }

    @Test
    void silencedModelTellsNobody_untilItsSilenceIsEnded() {
        JsonNode made = asAdmin(
                        "POST",
                        SILENCES,
                        "{\"match\":{\"model\":\"quiet-*\"},\"until\":\"+2h\",\"by\":\"ada\",\"why\":\"upgrade\"}")
                .json(201);
        assertThat(made.path("state").asText()).isEqualTo("active");
        assertThat(marks()).contains("silence begins, until", "model=quiet-* by ada: upgrade");
        scene.whilePushing("quiet-model", 2_000, () -> {
            Await.until("it fires", TOLD, () -> isFiring("quiet-model"));
            assertThat(scene.pagerDuty().openKeys("quiet-model")).isEmpty();
            String id = made.path("id").asText();
            assertThat(scene.sidecar().api().read(SILENCES).toString()).contains(id, "\"source\":\"file\"");
            assertThat(asAdmin("DELETE", SILENCES + "/" + id, "").status()).isEqualTo(204);
            assertThat(marks()).contains("silence ends early: model=quiet-* by ada: upgrade");
            Await.until(
                    "it is told",
                    TOLD,
                    () -> scene.pagerDuty().openKeys("quiet-model").size() == 1);
        });
        scene.whilePushing(
                "quiet-model",
                100,
                () -> Await.until(
                        "it is closed",
                        Duration.ofSeconds(30),
                        () -> scene.pagerDuty().openKeys("quiet-model").isEmpty()));
    }

    @Test
    void alertTakenOnIsAcknowledgedAtPagerDuty() {
        scene.whilePushing("taken-model", 2_000, () -> {
            Await.until(
                    "it is told",
                    TOLD,
                    () -> scene.pagerDuty().openKeys("taken-model").size() == 1);
            JsonNode alerts = scene.sidecar().api().read("/api/v1/alerts", "state", "firing");
            String id = "";
            for (JsonNode alert : alerts.path("alerts")) {
                id = alert.toString().contains("taken-model") ? alert.path("id").asText() : id;
            }
            JsonNode acked = asAdmin("POST", "/api/v1/alerts/" + id + "/ack", "{\"by\":\"ada\"}")
                    .json(200);
            assertThat(acked.path("acked").path("by").asText()).isEqualTo("ada");
            Await.until(
                    "it is acknowledged",
                    TOLD,
                    () -> scene.pagerDuty().events("taken-model").stream()
                            .anyMatch(event -> event.action().equals("acknowledge")));
            assertThat(scene.sidecar()
                            .api()
                            .read("/api/v1/alerts/" + id)
                            .path("acked")
                            .path("by")
                            .asText())
                    .isEqualTo("ada");
        });
    }

    @Test
    void whatCannotBeDoneIsSaid() {
        Answer wrong =
                asAdmin("POST", SILENCES, "{\"match\":{\"rule\":\"ttft_slwo\"},\"until\":\"+2h\",\"by\":\"ada\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.text()).contains("did you mean \\\"ttft_slow\\\"", "\\\"why\\\" is missing");
        assertThat(asAdmin("POST", SILENCES, "{\"match\":{},\"until\":\"+2h\",\"by\":\"a\",\"why\":\"b\"}")
                        .status())
                .isEqualTo(400);
        assertThat(asAdmin("DELETE", SILENCES + "/file-1", "").status()).isEqualTo(409);
        assertThat(asAdmin("DELETE", SILENCES + "/nonsense", "").status()).isEqualTo(404);
        assertThat(asAdmin("POST", "/api/v1/alerts/nonsense/ack", "").status()).isEqualTo(404);
        assertThat(scene.sidecar()
                        .api()
                        .send("POST", SILENCES, "{}", "Content-Type", SidecarApi.JSON)
                        .status())
                .as("without the admin token")
                .isEqualTo(401);
    }
}
