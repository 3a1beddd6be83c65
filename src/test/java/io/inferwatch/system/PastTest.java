package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What lies before the start still counts: the past that rules compare with, and the marks on the time axis. */
class PastTest {
    private static final Duration FIRES = Duration.ofSeconds(30);
    private static final String RULES = """
            version: 1
            defaults: {every: 1s}
            receivers: {say: {type: console}}
            routes: [{to: say}]
            signals:
              load: {metric: custom.load, agg: avg, over: 10s, by: [model]}
            rules:
              jump:
                signal: load
                compare: {to: trailing, window: 30m, skip_last: 5m, as: times, min_points: 20}
                tiers: {P2: {above: 3x}}
              deployed:
                signal: load
                grace: {after: deploy, for: 1h}
                tiers: {P2: {above: 300}}
            """;

    private static String sample(String model, double value, Instant at) {
        return String.format(
                Locale.ROOT,
                "{\"metric\":\"custom.load\",\"value\":%.1f,\"labels\":{\"model\":\"%s\"},\"time\":%d}",
                value,
                model,
                at.toEpochMilli());
    }

    @Test
    void whatWasStoredBeforeTheStartIsTheBaseline_andAMarkHoldsBackWhatItConcerns() {
        try (RunningSidecar sidecar = RunningSidecar.with().rules(RULES).start()) {
            Instant now = Instant.now();
            StringBuilder history = new StringBuilder();
            // The last minutes are left out, so that what fires is no part of its own baseline, however long it takes.
            for (int seconds = 1_500; seconds > 330; seconds -= 10) {
                history.append(sample("m", 100, now.minusSeconds(seconds))).append('\n');
            }
            Answer taken = sidecar.api().post("/api/v1/samples", SidecarApi.NDJSON, history.toString());
            assertThat(taken.status()).as("%s", taken).isEqualTo(202);
            Answer marked = sidecar.api()
                    .post(
                            "/api/v1/events",
                            SidecarApi.JSON,
                            "{\"kind\":\"deploy\",\"labels\":{\"model\":\"m\"},\"text\":\"v2\"}");
            assertThat(marked.status()).as("%s", marked).isEqualTo(202);

            sidecar.kill();
            sidecar.start();

            assertThat(sidecar.api().get("/api/v1/events", "kind", "deploy").text())
                    .contains("\"text\":\"v2\"");
            Await.until("the jump", FIRES, () -> {
                String body = sample("m", 500, Instant.now()) + "\n" + sample("other", 500, Instant.now());
                sidecar.api().post("/api/v1/samples", SidecarApi.NDJSON, body);
                String alerts =
                        sidecar.api().get("/api/v1/alerts", "state", "firing").text();
                return alerts.contains("\"jump\"") && alerts.contains("\"deployed\"");
            });
            String why = sidecar.api().get("/api/v1/alerts", "rule", "jump").text();
            assertThat(why).contains("\"baseline\":100");
            String deployed = sidecar.api()
                    .get("/api/v1/alerts", "rule", "deployed", "state", "firing")
                    .text();
            assertThat(deployed).contains("\"other\"").doesNotContain("\"m\"");
            assertThat(acceptAsNormal(sidecar, "jump").status()).isEqualTo(200);
            Answer refused = acceptAsNormal(sidecar, "deployed");
            assertThat(refused.status()).as("%s", refused).isEqualTo(400);
            assertThat(refused.text()).contains("deployed does not fire against a baseline");
        }
    }

    private static Answer acceptAsNormal(RunningSidecar sidecar, String rule) {
        String id = sidecar.api()
                .read("/api/v1/alerts", "rule", rule, "state", "firing")
                .path("alerts")
                .path(0)
                .path("id")
                .asText();
        return sidecar.api()
                .sendAsAdmin("POST", "/api/v1/alerts/" + id + "/ack", SidecarApi.JSON, "{\"new_normal\": true}");
    }

    @Test
    void aMarkThatDoesNotFitIsRefusedByName() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            assertThat(refusal(sidecar, "{\"labels\":{}}")).contains("kind: a text is missing");
            assertThat(refusal(sidecar, "{\"kind\":\"De ploy\"}")).contains("\\\"De ploy\\\" is no word");
            assertThat(refusal(sidecar, "{\"kind\":\"note\",\"who\":1}")).contains("unknown field \\\"who\\\"");
            assertThat(refusal(sidecar, "{\"kind\":\"note\",\"time\":\"2100-01-01T00:00:00Z\"}"))
                    .contains("further ahead");
            assertThat(refusal(sidecar, "nonsense")).contains("no JSON");
        }
    }

    private static String refusal(RunningSidecar sidecar, String body) {
        Answer answer = sidecar.api().post("/api/v1/events", SidecarApi.JSON, body);
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.isProblem()).isTrue();
        return answer.text();
    }
}
