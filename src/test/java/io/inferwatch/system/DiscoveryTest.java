package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.ModelServerProcess;
import io.inferwatch.system.support.RunningSidecar;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model server that nobody configured is found by the GPU its process holds, read, and let go with its process. */
class DiscoveryTest {
    private static final Duration SEEN = Duration.ofSeconds(40);

    @Test
    void aServerIsFoundByItsGpu_andLeavesWithItsProcess(@TempDir Path folder) {
        ScriptedNvml nvml = ScriptedNvml.compile(folder);
        try (ModelServerProcess server = new ModelServerProcess()) {
            nvml.script("gpus 1", "process 0 pid=" + server.pid() + " used=70000000000");
            try (RunningSidecar sidecar = RunningSidecar.with()
                    .config("gpu: {library: %s}\ndiscover: true\n".formatted(nvml.library()))
                    .start()) {
                JsonNode source = Await.value(
                        "found and read",
                        SEEN,
                        () -> sidecar.api()
                                .read("/api/v1/sources")
                                .path("sources")
                                .path(0),
                        one -> one.path("reachable").asBoolean());
                assertThat(source.path("server").asText()).isEqualTo("vllm-" + server.port());
                assertThat(source.path("address").asText()).isEqualTo(server.address());
                assertThat(source.path("discovered").asBoolean()).isTrue();
                assertThat(source.path("engines").path(0).asText()).isEqualTo("vllm");
                Await.until(
                        "the GPU is known to serve it",
                        SEEN,
                        () -> sidecar.api()
                                .read("/api/v1/gpus")
                                .toString()
                                .contains("\"server\":\"vllm-" + server.port() + "\""));

                server.kill();

                Await.until(
                        "it has left",
                        SEEN,
                        () -> sidecar.api()
                                .read("/api/v1/sources")
                                .path("sources")
                                .isEmpty());
            }
        }
        assertThat(nvml.faults()).isEmpty();
    }
}
