package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest on the host: it calls nobody, writes nowhere but into its data directory, and keeps no name in clear. */
class QuietNeighbourTest {

    /** The home directory is an empty one, so whatever appears there was written by the sidecar or its libraries. */
    @Test
    void nothingConnectsOut_andNothingIsWrittenToTheHomeDirectory(@TempDir Path home) throws IOException {
        try (RunningSidecar sidecar = RunningSidecar.with()
                .environment("HOME", home.toString())
                .environment("INFERWATCH_JVM_FLAGS", "-Duser.home=" + home)
                .start()) {
            sidecar.api().push(new Traffic(3, "n").take(2_000, 3, "chat"));
            Await.stays("connects to nobody", Duration.ofSeconds(8), () -> {
                List<String> found = sidecar.figures().connectionsBeyondLoopback();
                assertThat(found).isEmpty();
                return found.isEmpty();
            });
            assertThat(filesUnder(home)).isEmpty();
            assertThat(sidecar.log()).doesNotContainIgnoringCase("analytics");
        }
    }

    @Test
    void usersAndSessions_areNowhereInClear(@TempDir Path data) throws IOException {
        try (RunningSidecar sidecar = RunningSidecar.with().data(data).start()) {
            String record = "{\"model\":\"m\",\"user\":\"alice.canary@example.com\",\"session\":\"canary-session-77\","
                    + "\"cost_usd\":0.25,\"ttft_ms\":5,\"latency_ms\":9}";
            sidecar.api().post(SidecarApi.REQUESTS, SidecarApi.JSON, record).json(202);
            Await.until(
                    "visible",
                    Duration.ofSeconds(10),
                    () -> sidecar.api()
                                    .read("/api/v1/windows", "metric", "cost.usd", "agg", "sum", "by", "user")
                                    .path("series")
                                    .size()
                            == 1);
            assertThat(sidecar.api().get("/api/v1/series", "metric", "cost.usd").text())
                    .doesNotContain("alice.canary");
            assertThat(sidecar.terminate()).isZero();
            assertThat(sidecar.log()).doesNotContain("canary");
        }
        for (Path file : filesUnder(data)) {
            String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            assertThat(content.contains("alice.canary") || content.contains("canary-session"))
                    .as("%s holds a name in clear", file)
                    .isFalse();
        }
    }

    private static List<Path> filesUnder(Path folder) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            return found.filter(Files::isRegularFile).toList();
        }
    }
}
