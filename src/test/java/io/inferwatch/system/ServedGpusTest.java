package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.FakePagerDuty;
import io.inferwatch.system.support.FakeSlack;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two model servers of two GPUs each on one host: an alert on one names its own GPUs and no others. */
class ServedGpusTest {
    private static final Duration SEEN = Duration.ofSeconds(40);
    private static final String RULES = """
            version: 1
            defaults: {every: 1s, clear_for: 1s}
            receivers:
              %s
              %s
            routes: [{to: [pd, slack], group_by: [rule, server], wait: 0s, interval: 1s, repeat: 1h}]
            signals:
              ttft_p99: {metric: llm.ttft, agg: p99, over: 20s, by: [server], unit: ms, min_samples: 5}
            rules:
              ttft_slow:
                signal: ttft_p99
                on_fire: gpu_burst
                tiers: {P1: {above: 1s, for: 10s}}
                summary: "TTFT p99 {{ value }} on {{ labels.server }}"
            """;

    @TempDir
    private static Path folder;

    private static FakePagerDuty pagerDuty;
    private static FakeSlack slack;
    private static ScriptedNvml nvml;
    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        nvml = ScriptedNvml.compile(folder).script("gpus 4");
        pagerDuty = FakePagerDuty.start();
        slack = FakeSlack.start();
        sidecar = RunningSidecar.with()
                .config("""
                        gpu: {library: %s}
                        notifier: {allowed_hosts: ['%s', '%s']}
                        servers:
                          - {name: chat, gpus: [0, 1]}
                          - {name: code, gpus: [2, 3]}
                        """.formatted(nvml.library(), pagerDuty.url(), slack.url()))
                .rules(RULES.formatted(pagerDuty.receiver(), String.join("\n  ", slack.receivers())))
                .start();
    }

    @AfterAll
    static void stop() {
        if (sidecar != null) { // where there is no compiler, nothing was started
            sidecar.close();
            slack.close();
            pagerDuty.close();
        }
    }

    @Test
    void alertOnOneServer_namesItsOwnGpus_andTheOneThatWasThrottled() {
        long began = System.nanoTime();
        Await.until("the alert has reached PagerDuty", SEEN, () -> {
            // GPU 3 serves code and is hot; GPU 0 serves chat and is hot too, which is no news about code.
            // A counter of time that outran the clock would not be believed.
            long throttledNanos = (System.nanoTime() - began) / 2;
            nvml.script(
                    "gpus 4",
                    "gpu 3 power_mw=641000",
                    "field 3 270 " + throttledNanos,
                    "field 0 270 " + throttledNanos);
            push("code", 1_500);
            push("chat", 100);
            return !pagerDuty.openKeys("code").isEmpty()
                    && !slack.messages("code").isEmpty();
        });

        JsonNode alert = onlyAlert();
        assertThat(alert.path("labels").path("server").asText()).isEqualTo("code");
        assertThat(gpus(alert)).as("%s", alert).containsExactly("2", "3");
        assertThat(alert.path("gpus").path(1).path("words").asText())
                .matches("GPU 3 was thermally throttled \\d+ % of the window");
        assertThat(alert.path("gpus").path(1).path("power_watts").asDouble()).isGreaterThan(400);
        JsonNode one = sidecar.api().read("/api/v1/alerts/" + alert.path("id").asText());
        assertThat(gpus(one)).containsExactly("2", "3");
        Await.until("the flight record", SEEN, () -> samples(one).size() > 20);
        assertThat(flight(one).path("gpus")).as("of its own GPUs").hasSize(2);
        List<JsonNode> watts = samples(one).findValues("gpu.power");
        assertThat(watts).hasSizeGreaterThan(5).allMatch(power -> power.asDouble() == 641);
        String page = pagerDuty.events("code").getFirst().body().toString();
        assertThat(page)
                .containsPattern("GPU 3 was thermally throttled \\d+ % of the window")
                .contains("GPU 2: ");
        assertThat(page).doesNotContain("GPU 0").doesNotContain("GPU 1");
        assertThat(slack.messages("code").getFirst().words())
                .containsPattern("GPU 3 was thermally throttled \\d+ % of the window")
                .doesNotContain("GPU 0");
        assertThat(pagerDuty.openKeys("chat")).isEmpty();
        assertThat(pagerDuty.faults()).isEmpty();
        assertThat(nvml.faults()).isEmpty();
    }

    private static JsonNode flight(JsonNode alert) {
        return sidecar.api().read("/api/v1/alerts/" + alert.path("id").asText()).path("flight_record");
    }

    /** Of GPU 3. */
    private static JsonNode samples(JsonNode alert) {
        return flight(alert).path("gpus").path(1).path("samples");
    }

    private static JsonNode onlyAlert() {
        JsonNode alerts =
                sidecar.api().read("/api/v1/alerts", "state", "firing").path("alerts");
        assertThat(alerts).hasSize(1);
        return alerts.path(0);
    }

    private static List<String> gpus(JsonNode alert) {
        return StreamSupport.stream(alert.path("gpus").spliterator(), false)
                .map(gpu -> gpu.path("gpu").asText())
                .toList();
    }

    private static void push(String server, double ttftMs) {
        String line = Json.object(
                        "model",
                        "m",
                        "server",
                        server,
                        "ttft_ms",
                        ttftMs,
                        "latency_ms",
                        ttftMs + 100,
                        "output_tokens",
                        5)
                .toString();
        sidecar.api()
                .post(SidecarApi.REQUESTS, SidecarApi.NDJSON, String.join("\n", Collections.nCopies(5, line)))
                .json(202);
    }
}
