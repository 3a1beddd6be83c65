package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Launcher;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** A host without NVML: the sidecar runs, says so once, and explains. */
class NoGpuTest {
    private static final String REASON = "libnvidia-ml.so.1 not found";

    @Test
    void hostWithoutNvml_runsAndExplains() {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            JsonNode fleet = sidecar.api().read("/api/v1/gpus");
            Assumptions.assumeTrue(fleet.path("gpus").isEmpty(), "not run: this host has GPUs");

            sidecar.awaitLog("inferwatch ready");
            assertThat(fleet.path("reason").asText()).isEqualTo(REASON);
            assertThat(sidecar.log()
                            .lines()
                            .filter(line -> line.contains("libnvidia-ml"))
                            .toList())
                    .as("said once, on the ready line: %s", sidecar.log())
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("gpus: none (" + REASON + ")");
            Await.value(
                    "a missing GPU degrades nothing",
                    Duration.ofSeconds(10),
                    () -> sidecar.api().read("/health/ready"),
                    health -> health.path("status").asText().equals("ready"));
            Launcher.Ended gpus = Launcher.run(sidecar.folder(), Map.of(), "gpus", "--port", "" + sidecar.port());
            assertThat(gpus.exitCode()).as(gpus.all()).isEqualTo(3);
        }
    }

    @Test
    void hostWhereNativeCodeMayNotBeUnpacked_saysWhatToDo() {
        // As with a read-only or noexec /tmp and no home.
        try (RunningSidecar sidecar = RunningSidecar.with()
                .environment("INFERWATCH_JVM_FLAGS", "-Djna.tmpdir=/proc")
                .start()) {
            sidecar.awaitLog("libnvidia-ml.so.1 cannot be asked: JNA found no folder");
            sidecar.awaitLog("-Djna.tmpdir=DIR");
        }
    }
}
