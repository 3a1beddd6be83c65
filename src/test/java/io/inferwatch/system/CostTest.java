package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What requests cost, from the price table to the alert. */
class CostTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String PRICES = """
            {"writer": {"input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05,
               "cache_read_input_token_cost": 3e-07}}
            """;

    @TempDir
    private Path folder;

    private RunningSidecar.Builder sidecar() throws IOException {
        Files.writeString(folder.resolve("prices.json"), PRICES);
        return RunningSidecar.with()
                .config("prices: {file: " + folder.resolve("prices.json") + "}\n" + "collector: {max_lateness: 48h}\n");
    }

    private static String record(String model, String tenant, long input, long cached, long output, String more) {
        return String.format(
                Locale.ROOT,
                "{\"model\":\"%s\",\"tenant\":\"%s\",\"feature\":\"chat\",\"input_tokens\":%d,\"cached_tokens\":%d,"
                        + "\"output_tokens\":%d%s}%n",
                model,
                tenant,
                input,
                cached,
                output,
                more);
    }

    private static void push(SidecarApi api, String records) {
        Answer answer = api.post(SidecarApi.REQUESTS, SidecarApi.NDJSON, records);
        assertThat(answer.status()).as("%s", answer).isEqualTo(202);
    }

    /** Dollars by tenant. */
    private static Map<String, String> spent(SidecarApi api) {
        Map<String, String> spent = new TreeMap<>();
        JsonNode series = api.read("/api/v1/windows", "metric", "cost.usd", "agg", "sum", "by", "tenant", "from", "-2h")
                .path("series");
        series.forEach(one -> spent.put(
                one.path("labels").path("tenant").asText(),
                one.path("value").decimalValue().stripTrailingZeros().toPlainString()));
        return spent;
    }

    @Test
    void requestsArePriced_theTableIsReadAgain_andAReplayTellsTheSame() throws IOException {
        try (RunningSidecar sidecar = sidecar().start()) {
            SidecarApi api = sidecar.api();
            push(
                    api,
                    record("writer", "a", 1_000, 200, 100, "")
                            + record("writer", "b", 1_000, 0, 0, ",\"cost_usd\":0.5")
                            + record("stranger", "c", 1_000, 0, 100, ""));
            // 800 · 3 + 200 · 0.3 + 100 · 15 µ$
            Map<String, String> first = Map.of("a", "0.00396", "b", "0.5");
            Await.until("priced", SOON, () -> spent(api).equals(first));
            Await.until(
                    "the stranger is counted",
                    Duration.ofSeconds(30),
                    () -> api.get("/metrics")
                            .text()
                            .lines()
                            .anyMatch(line -> line.startsWith("inferwatch_cost_unknown_model_total{")
                                    && line.contains("model=\"stranger\"")
                                    && line.matches(".* 1(\\.0)?")));

            Files.writeString(folder.resolve("prices.json"), "{\"writer\": {");
            sidecar.awaitLog("prices.json is no JSON at line 1");
            Files.writeString(folder.resolve("prices.json"), PRICES.replace("3e-06", "1e-03"));
            sidecar.awaitLog("prices of 1 models");
            Await.until("the new price is in force", SOON, () -> {
                push(api, record("writer", "probe", 1_000, 0, 0, ""));
                return spent(api).getOrDefault("probe", "0").compareTo("1") >= 0;
            });

            sidecar.kill();
            sidecar.start();
            Await.until(
                    "the same after a kill",
                    SOON,
                    () -> spent(sidecar.api()).entrySet().containsAll(first.entrySet()));
        }
    }

    /** $0.9 in each hour of a day for tenant {@code calm} and {@code wild}, half an hour before it ends. */
    private static String aDay(Instant now) {
        StringBuilder day = new StringBuilder();
        for (int hours = 24; hours >= 2; hours--) {
            String at = ",\"time\":" + now.minus(Duration.ofHours(hours)).toEpochMilli();
            day.append(record("writer", "calm", 1_000_000, 0, 0, at));
            day.append(record("writer", "wild", 1_000_000, 0, 0, at));
        }
        return day.toString();
    }

    @Test
    void spendSpikeOfTheBuiltInPack_isSeenForTheTenantThatSpends() throws IOException {
        try (RunningSidecar sidecar = sidecar().start()) {
            push(sidecar.api(), aDay(Instant.now()));
            sidecar.kill();
            sidecar.start();

            StringBuilder hour = new StringBuilder(record("writer", "calm", 1_000_000, 0, 0, ""));
            for (int i = 0; i < 25; i++) {
                hour.append(record("writer", "wild", 2_000_000, 0, 0, ""));
            }
            push(sidecar.api(), hour.toString());
            String alerts = Await.value(
                    "spend and cost of a request are on their way to an alert",
                    Duration.ofSeconds(90),
                    () -> sidecar.api()
                            .get("/api/v1/alerts", "state", "pending")
                            .text(),
                    text -> text.contains("\"spend_spike\"") && text.contains("\"cost_per_request\""));
            assertThat(alerts).contains("\"tenant\":\"wild\"").doesNotContain("\"tenant\":\"calm\"");
            assertThat(sidecar.api()
                            .get("/api/v1/alerts", "rule", "spend_spike", "state", "pending")
                            .text())
                    .contains("\"baseline\":3");
        }
    }
}
