package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code inferwatch demo} as a newcomer meets it: figures at once, and a first incident told and closed on the console. */
class DemoTest {
    private static final Duration FIRST_FIGURES = Duration.ofSeconds(10);
    private static final Duration FIRST_INCIDENT = Duration.ofSeconds(60);

    @Test
    void theDemoShowsEightGpusAndThreeModels_andTellsAnIncident_withoutAnyConfiguration() {
        try (RunningSidecar demo = RunningSidecar.with().command("demo").start()) {
            JsonNode models = Await.value(
                    "TTFT of three models",
                    FIRST_FIGURES,
                    () -> demo.api()
                            .read("/api/v1/percentiles", "metric", "llm.ttft", "by", "model")
                            .path("series"),
                    series -> series.size() == 3);
            assertThat(models.findValues("p99")).allMatch(p99 -> p99.asDouble() > 0);
            JsonNode gpus = Await.value(
                    "power of eight GPUs",
                    FIRST_FIGURES,
                    () -> demo.api()
                            .read("/api/v1/windows", "metric", "gpu.power", "agg", "avg", "by", "gpu")
                            .path("series"),
                    series -> series.size() == 8);
            assertThat(gpus.findValues("value")).allMatch(watts -> watts.asDouble() > 0);
            for (JsonNode series :
                    demo.api().read("/api/v1/series", "metric", "llm.ttft").path("series")) {
                assertThat(series.path("labels").path("simulated").asText()).isEqualTo("true");
            }
            demo.awaitLog("simulated: 8 GPUs, about 100 requests/s over 3 models");
            Await.until(
                    "an alert opened: " + demo.log(),
                    FIRST_INCIDENT,
                    () -> demo.log().contains(" opened ttft_slow: TTFT p95"));
            Await.until(
                    "the alert closed: " + demo.log(),
                    FIRST_INCIDENT,
                    () -> demo.log().contains(" closed "));
            assertThat(demo.terminate()).isZero();
        }
    }
}
