package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's package {@code prometheus} (2.42) scrapes native histograms and takes remote write, and comes to our
 * percentiles within 1 %; by classic buckets it counts what we counted.
 */
class RealPrometheusTest {
    private static final Path BINARY = Path.of("/usr/bin/prometheus");
    private static final int RECORDS = 20_000;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();
    private final int port = RunningSidecar.freePort();

    private Process prometheus() throws IOException {
        Path config =
                Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 1s}
                scrape_configs:
                  - {job_name: scraped, file_sd_configs: [{files: ["%s"]}]}
                """.formatted(folder.resolve("targets.json")));
        return new ProcessBuilder(
                        BINARY.toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--web.enable-remote-write-receiver",
                        "--enable-feature=native-histograms")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
    }

    /** The values of an instant query; none while Prometheus cannot say. */
    private List<Double> ask(String query) {
        try {
            URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                    + URLEncoder.encode(query, StandardCharsets.UTF_8));
            String answer = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            List<Double> values = new ArrayList<>();
            for (JsonNode series :
                    new ObjectMapper().readTree(answer).path("data").path("result")) {
                values.add(series.path("value").path(1).asDouble());
            }
            return values;
        } catch (IOException e) {
            return List.of();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    /** A scrape that a starved machine missed leaves a gap: asked again until there is an answer. */
    private double answer(String query) {
        return Await.value(query, Duration.ofSeconds(60), () -> ask(query), values -> !values.isEmpty())
                .getFirst();
    }

    private void awaitValue(String query, double expected) {
        Await.until(
                () -> query + " is " + expected + "; it is " + ask(query),
                Duration.ofSeconds(60),
                () -> ask(query).equals(List.of(expected)));
    }

    /** Each under a name of its own: what two hosts of one name send is out of order to a receiver. */
    private String remoteWrite(String histograms) {
        return """
                host_id: %s
                remote_write: {url: 'http://127.0.0.1:%d/api/v1/write', interval: 1s, histograms: %s}
                """.formatted(histograms, port, histograms);
    }

    @Test
    void quantilesAreOurs_whenScrapedAndWhenSent() throws Exception {
        assumeTrue(Files.isExecutable(BINARY), "not run: no " + BINARY + "; apt-get install prometheus");
        // First, so that no sidecar waits for it longer each time.
        Process prometheus = prometheus();
        try (RunningSidecar sidecar =
                        RunningSidecar.with().config(remoteWrite("native")).start();
                RunningSidecar classic =
                        RunningSidecar.with().config(remoteWrite("classic")).start()) {
            Files.writeString(
                    folder.resolve("targets.json"), "[{\"targets\": [\"127.0.0.1:%d\"]}]".formatted(sidecar.port()));
            compare(sidecar, classic);
        } finally {
            prometheus.destroy();
            assertThat(prometheus.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void compare(RunningSidecar sidecar, RunningSidecar classic) {
        sidecar.api().push(new Traffic(11, "p").take(RECORDS / 2, 3, "chat"));
        sidecar.api().push(new Traffic(12, "q").take(RECORDS / 2, 3, "chat"));
        classic.api().push(new Traffic(13, "c").take(300, 1, "chat"));
        for (String way : List.of("job=\"scraped\"", "job=\"\"")) {
            awaitValue("histogram_count(sum(inferwatch_llm_ttft_seconds{%s}))".formatted(way), RECORDS);
            compareQuantiles(sidecar, way);
        }
        awaitValue("sum(inferwatch_llm_ttft_seconds_bucket{le=\"+Inf\"})", 300);
        compareClassic(classic);
    }

    private void compareQuantiles(RunningSidecar sidecar, String way) {
        for (int model = 0; model < 3; model++) {
            JsonNode ours = sidecar.api()
                    .read(
                            "/api/v1/percentiles",
                            "metric",
                            "llm.ttft",
                            "p",
                            "50,90,95,99",
                            "where",
                            "model:model-" + model,
                            "from",
                            "-1h")
                    .path("series")
                    .path(0)
                    .path("percentiles");
            for (String p : List.of("50", "90", "95", "99")) {
                double seconds = ours.path("p" + p).asDouble() / 1_000;
                String query = "histogram_quantile(0.%s, sum(inferwatch_llm_ttft_seconds{%s,model=\"model-%d\"}))"
                        .formatted(p, way, model);
                assertThat(answer(query)).as(query).isCloseTo(seconds, within(seconds / 100));
            }
        }
    }

    /** At its bounds a classic bucket is exact. */
    private void compareClassic(RunningSidecar classic) {
        double bound = Math.pow(2, -4);
        double below = classic.api()
                .read("/api/v1/share", "metric", "llm.ttft", "above", bound * 1_000 + "ms", "from", "-1h")
                .path("series")
                .path(0)
                .path("share")
                .asDouble();
        double theirs = answer("sum(inferwatch_llm_ttft_seconds_bucket{le=\"%s\"})".formatted(bound));
        assertThat(theirs).isCloseTo((1 - below) * 300, within(0.5));
    }
}
