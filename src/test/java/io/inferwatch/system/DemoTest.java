package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.EventStream;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** {@code inferwatch demo} as a newcomer meets it: figures at once, and a first incident told and closed on the console. */
class DemoTest {
    private static final Duration FIRST_FIGURES = Duration.ofSeconds(10);
    private static final Duration FIRST_INCIDENT = Duration.ofSeconds(90);

    @Test
    void theDemoShowsEightGpusAndThreeModels_andTellsAnIncident_withoutAnyConfiguration() {
        try (RunningSidecar demo = RunningSidecar.with().command("demo").start()) {
            EventStream stream = new EventStream(demo.api());
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
                    () -> "an alert opened: " + demo.log(),
                    FIRST_INCIDENT,
                    () -> demo.log().contains(" opened ttft_slow: TTFT p95"));
            Await.until(
                    () -> "the alert closed: " + demo.log(),
                    FIRST_INCIDENT,
                    () -> demo.log().contains(" closed "));
            assertThat(demo.api()
                            .post("/api/v1/events", SidecarApi.JSON, "{\"kind\":\"note\",\"text\":\"seen\"}")
                            .status())
                    .isEqualTo(202);
            theStreamTells(stream);
            assertThat(demo.terminate()).isZero();
            Await.until("the stop ends the stream in good order", FIRST_FIGURES, stream::isOver);
        }
    }

    /** What happened meanwhile: windows open and closed, eight GPUs, the alert from its beginning to its end, the mark. */
    private static void theStreamTells(EventStream stream) {
        Await.until("the mark is told", FIRST_FIGURES, () -> !stream.of("mark").isEmpty());
        assertThat(stream.of("mark").getFirst().path("text").asText()).isEqualTo("seen");
        Await.until(
                "the line's first beat", FIRST_FIGURES, () -> stream.comments().contains(": beat"));
        Await.until(
                "the alert's end is told",
                FIRST_FIGURES,
                () -> stream.of("alert").stream()
                        .anyMatch(alert -> alert.path("state").asText().equals("closed")));
        assertThat(stream.of("alert")).anySatisfy(alert -> {
            assertThat(alert.path("rule").asText()).isEqualTo("ttft_slow");
            assertThat(alert.path("state").asText()).isEqualTo("firing");
            assertThat(alert.path("why").path(0).path("value").asDouble()).isGreaterThan(800);
        });
        assertThat(stream.of("gpu").getLast().path("gpus")).hasSize(8);
        List<JsonNode> windows = stream.of("window");
        List<JsonNode> closed = windows.stream()
                .filter(window -> !window.path("open").asBoolean())
                .toList();
        assertThat(closed).isNotEmpty().hasSizeLessThan(windows.size());
        assertThat(closed.stream().map(window -> window.path("from").asText())).doesNotHaveDuplicates();
        JsonNode whole = closed.get(closed.size() / 2).path("series");
        assertThat(whole.findValuesAsText("metric")).contains("llm.ttft", "llm.tpot", "llm.requests");
        assertThat(stream.of("dropped")).isEmpty();
    }
}
