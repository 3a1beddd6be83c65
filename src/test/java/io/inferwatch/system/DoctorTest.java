package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.HoldingServer;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A driver without GPM and without {@code nvmlDeviceGetMemoryInfo_v2}, which later refuses one GPU: states are right, the
 * doctor has one line for each reading and state, and the log no exception.
 */
class DoctorTest {
    private static final Duration SEEN = Duration.ofSeconds(20);

    @Test
    void whatADriverLacksOrRefuses_isOneLineEach_andNoException(@TempDir Path folder) {
        ScriptedNvml nvml = ScriptedNvml.compile(folder, "GPM", "nvmlDeviceGetMemoryInfo_v2")
                .script("gpus 2");
        try (RunningSidecar sidecar = RunningSidecar.with()
                .config("gpu: {library: %s}\n".formatted(nvml.library()))
                .start()) {
            Await.until(
                    "GPU 1 is read", SEEN, () -> state(sidecar, 1, "gpu.power").equals("value"));
            assertThat(state(sidecar, 0, "gpu.sm.occupancy")).isEqualTo("unsupported");
            assertThat(state(sidecar, 0, "gpu.memory.reserved")).isEqualTo("unsupported");
            assertThat(state(sidecar, 0, "gpu.memory.used")).isEqualTo("value");
            assertThat(readingsAbsent(sidecar))
                    .contains(
                            "gpu.sm.occupancy is unsupported on every GPU",
                            "gpu.memory.reserved is unsupported on every GPU")
                    .noneMatch(line -> line.contains("no permission"));

            nvml.script("gpus 2", "call * gpu=1 ret=4");
            Await.until("refused", SEEN, () -> state(sidecar, 1, "gpu.power").equals("no_permission"));
            assertThat(readingsAbsent(sidecar))
                    .contains(
                            "gpu.sm.occupancy is unsupported on every GPU",
                            "gpu.memory.reserved is unsupported on every GPU",
                            "gpu.power is no permission on GPU 1",
                            "gpu.temperature is no permission on GPU 1");

            nvml.script("gpus 2");
            Await.until(
                    "allowed again", SEEN, () -> state(sidecar, 1, "gpu.power").equals("value"));
            assertThat(sidecar.log()).doesNotContain("Exception").doesNotContain("\tat ");
            assertThat(nvml.faults()).isEmpty();
        }
    }

    @Test
    void aDirectoryThatIsNotThere_isNotCalledTheRunningSidecars(@TempDir Path folder) {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            Launcher.Ended ended = Launcher.run(
                    folder,
                    Map.of(),
                    "doctor",
                    "--port",
                    Integer.toString(sidecar.port()),
                    "--config",
                    sidecar.configFile().toString());
            assertThat(ended.out())
                    .contains(folder.resolve("data") + " cannot be seen")
                    .doesNotContain("in use by the running sidecar");
        }
    }

    @Test
    void whatComesFromElsewhere_isToldWithItsRemedy(@TempDir Path folder) throws IOException {
        Path prices = Files.writeString(
                folder.resolve("prices.json"),
                "{\"priced\":{\"input_cost_per_token\":1e-6,\"output_cost_per_token\":0}}");
        try (HoldingServer server = new HoldingServer();
                RunningSidecar sidecar = RunningSidecar.with()
                        .config("""
                                prices: {file: %s}
                                servers:
                                  - {name: apart, proxy: {listen: "127.0.0.1:%d", upstream: "%s", process: own}}
                                """.formatted(prices, RunningSidecar.freePort(), server.address()))
                        .start()) {
            String nameless =
                    "{\"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"0af7651916cd43dd8448eb211c80319c\","
                            + "\"spanId\":\"00000000000000a1\",\"startTimeUnixNano\":\"1000\",\"endTimeUnixNano\":\"2000\",\"attributes\":"
                            + "[{\"key\":\"gen_ai.operation.name\",\"value\":{\"stringValue\":\"chat\"}}]}]}]}]}";
            sidecar.api().post("/v1/traces", SidecarApi.JSON, nameless).json(200);
            sidecar.api()
                    .post(SidecarApi.REQUESTS, SidecarApi.JSON, "{\"model\":\"unpriced\",\"input_tokens\":5}")
                    .json(202);
            Await.until(
                    "the request without a price is counted",
                    SEEN,
                    () -> lines(sidecar, "prices").stream().anyMatch(line -> line.contains("add them: unpriced")));
            assertThat(lines(sidecar, "prices").getFirst()).contains("1 models priced");
            assertThat(lines(sidecar, "proxy apart"))
                    .containsExactly("no inferwatch proxy tells of it; start inferwatch proxy with this configuration");
            assertThat(lines(sidecar, "otlp traces"))
                    .hasSize(2)
                    .anyMatch(line -> line.contains("1 rejected, of late: a model call ended"));
        }
    }

    private static String state(RunningSidecar sidecar, int gpu, String metric) {
        return sidecar.api()
                .read("/api/v1/gpus")
                .path("gpus")
                .path(gpu)
                .path("readings")
                .path(metric)
                .path("state")
                .asText();
    }

    /** What the doctor says of readings, each once. */
    private static List<String> readingsAbsent(RunningSidecar sidecar) {
        List<String> lines = lines(sidecar, "reading");
        assertThat(lines).isNotEmpty().doesNotHaveDuplicates();
        return lines;
    }

    /** What the doctor says of one thing. */
    private static List<String> lines(RunningSidecar sidecar, String subject) {
        Launcher.Ended ended = Launcher.run(
                sidecar.folder(),
                Map.of(),
                "doctor",
                "-o",
                "json",
                "--port",
                Integer.toString(sidecar.port()),
                "--config",
                sidecar.configFile().toString(),
                "--data",
                sidecar.data().toString());
        assertThat(ended.err()).doesNotContain("Exception");
        JsonNode checks = Json.parse(ended.out()).path("checks");
        List<String> lines = new ArrayList<>();
        StreamSupport.stream(checks.spliterator(), false)
                .filter(check -> check.path("subject").asText().equals(subject))
                .forEach(check -> lines.add(check.path("text").asText()));
        return lines;
    }
}
