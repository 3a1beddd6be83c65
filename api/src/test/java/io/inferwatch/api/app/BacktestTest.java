package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.api.config.ConfigReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rules tried on history that was sent to a whole sidecar in this process. */
class BacktestTest {
    private static final String RULES = """
            version: 1
            receivers: {say: {type: console}}
            routes: [{to: [say], wait: 0s, interval: 1m}]
            signals:
              ttft: {metric: llm.ttft, agg: p95, over: 5m, by: [model], unit: ms}
              odd: {metric: llm.ttft, agg: p95, over: 15s, by: [model], unit: ms}
            rules:
              slow: {signal: ttft, clear_for: 1m, tiers: {P2: {above: 500ms, for: 1m}, P1: {above: 2s}}}
              too_fine: {signal: odd, tiers: {P2: {above: 500ms}}}
              quiet: {signal: ttft, tiers: {P2: {above: 60s}}}
            """;

    @TempDir
    Path folder;

    private static HttpResponse<String> post(
            HttpClient client, Sidecar sidecar, String path, String type, String body, String token)
            throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(sidecar.address() + path))
                        .header("Content-Type", type)
                        .header("Authorization", "Bearer " + token)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void opensChangesAndCloses_asTheRulesWouldHave() throws Exception {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data.dir", folder.resolve("data").toString());
        settings.put("http.port", "0");
        settings.put("gpu.enabled", "false");
        try (Sidecar sidecar = Sidecar.start(
                        ConfigReader.read(Optional.empty(), Map.of(), settings), Sidecar.Options.of(Map.of()));
                HttpClient client = HttpClient.newHttpClient()) {
            String token = Files.readString(folder.resolve("data/admin.token")).strip();
            Instant start = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(5, ChronoUnit.HOURS);
            StringBuilder records = new StringBuilder();
            for (int second = 0; second < 3_600; second += 10) {
                int ttft = second < 600 ? 100 : second < 1_200 ? 900 : second < 1_800 ? 3_000 : 100;
                records.append(
                        "{\"request_id\":\"r%d\",\"model\":\"m\",\"ttft_ms\":%d,\"latency_ms\":9000,\"time\":\"%s\"}\n"
                                .formatted(second, ttft, start.plusSeconds(second)));
            }
            HttpResponse<String> taken = post(
                    client,
                    sidecar,
                    "/api/v1/requests?backfill=true",
                    "application/x-ndjson",
                    records.toString(),
                    token);
            assertThat(taken.statusCode()).as(taken.body()).isEqualTo(202);

            String query = "/api/v1/rules/backtest?from=" + start + "&to=" + start.plusSeconds(3_600);
            HttpResponse<String> answer = post(client, sidecar, query, "application/yaml", RULES, token);
            // What was sent is applied by and by.
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (!answer.body().contains("\"closed\":1") && System.nanoTime() - end < 0) {
                answer = post(client, sidecar, query, "application/yaml", RULES, token);
            }

            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            assertThat(answer.body())
                    .contains("\"complete\":true")
                    .contains("\"opened\":{\"P2\":1},\"tier_changes\":1,\"closed\":1")
                    .contains("\"notifications\":{\"say\":{\"resolve\":1,\"trigger\":1,\"update\":1}}")
                    .contains("{\"name\":\"quiet\",\"unknown_seconds\":0,\"weeks\":[]}")
                    .containsPattern("\"name\":\"too_fine\",\"unknown_seconds\":3[56]\\d0,\"weeks\":\\[\\]")
                    .contains("\"tier\":\"P1\"");
            HttpResponse<String> replay =
                    post(client, sidecar, "/api/v1/rules/check?replay=6h", "application/yaml", RULES, token);
            assertThat(replay.statusCode()).as(replay.body()).isEqualTo(200);
            assertThat(replay.body())
                    .contains("\"text\":\"would add 1 P1")
                    .contains("{\"rule\":\"slow\",\"tier\":\"P1\",\"now\":0,\"then\":1}");
            assertThat(post(client, sidecar, "/api/v1/rules/check?replay=8d", "application/yaml", RULES, token)
                            .body())
                    .contains("is no duration from 1m to 7d");
            assertThat(post(client, sidecar, query.replace("&to", "&ot"), "application/yaml", RULES, token)
                            .statusCode())
                    .isEqualTo(400);
            assertThat(post(client, sidecar, query, "application/yaml", RULES.replace("llm.ttft", "llm.tfft"), token)
                            .statusCode())
                    .isEqualTo(422);
        }
    }
}
