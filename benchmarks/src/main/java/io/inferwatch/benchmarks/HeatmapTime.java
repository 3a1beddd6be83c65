package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Chromium;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.SidecarApi;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;

/** The heatmap over a day of 10 s windows: size and time of its answer, and the time the page takes to draw it. */
final class HeatmapTime {
    private static final int WINDOWS = 8_640;
    private static final String[] MODELS = {"llama-3.3-70b", "qwen3-32b", "gemma-3-12b"};
    private static final int SAMPLES_A_MODEL = 3;
    private static final int WINDOWS_A_BODY = 500;
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private HeatmapTime() {}

    static String measure(int times) {
        try (RunningSidecar sidecar = RunningSidecar.with().start()) {
            long records = fill(sidecar.api());
            Await.until("all visible", PATIENCE, () -> count(sidecar.api()) >= records);
            double[] ms = new double[times];
            int bytes = 0;
            for (int i = 0; i < times; i++) {
                long began = System.nanoTime();
                String body = sidecar.api()
                        .get("/api/v1/heatmap", "metric", "llm.ttft", "from", "-24h")
                        .text();
                ms[i] = (System.nanoTime() - began) / 1e6;
                bytes = body.getBytes(StandardCharsets.UTF_8).length;
            }
            return String.format(
                    Locale.ROOT,
                    "24 h of 10 s windows, %d requests: answer %.0f KB, %s; drawn %s",
                    records,
                    bytes / 1000.0,
                    Load.medianAndWorst(ms),
                    drawn(sidecar.api(), times));
        }
    }

    private static long fill(SidecarApi api) {
        SplittableRandom random = new SplittableRandom(7);
        long end = Instant.now().toEpochMilli() / 10_000 * 10_000;
        StringBuilder body = new StringBuilder();
        for (int window = WINDOWS - 1; window >= 0; window--) {
            for (int one = 0; one < MODELS.length * SAMPLES_A_MODEL; one++) {
                int model = one % MODELS.length;
                double ttftMs = Math.exp(5.3 - model * 0.6 + 0.5 * random.nextGaussian());
                body.append(String.format(
                        Locale.ROOT,
                        "{\"model\":\"%s\",\"ttft_ms\":%.3f,\"latency_ms\":%.3f,\"time\":%d}%n",
                        MODELS[model],
                        ttftMs,
                        ttftMs + 900,
                        end - 10_000L * window - 5_000));
            }
            if (window % WINDOWS_A_BODY == 0) {
                Answer answer = Await.value(
                        "a backfill is taken",
                        PATIENCE,
                        () -> api.sendAsAdmin(
                                "POST", "/api/v1/requests?backfill=true", SidecarApi.NDJSON, body.toString()),
                        sent -> sent.status() != 429);
                answer.json(202);
                body.setLength(0);
            }
        }
        return (long) WINDOWS * MODELS.length * SAMPLES_A_MODEL;
    }

    private static long count(SidecarApi api) {
        return api.read("/api/v1/percentiles", "metric", "llm.ttft", "from", "-25h")
                .path("series")
                .path(0)
                .path("count")
                .asLong();
    }

    /** From the arrival of the data to the end of the painting, as the page itself measures it. */
    private static String drawn(SidecarApi api, int times) {
        Optional<Path> binary = Chromium.installed();
        if (binary.isEmpty()) {
            return "not measured: Chromium is not installed";
        }
        double[] ms = new double[times];
        try (Chromium browser = new Chromium(binary.get())) {
            browser.size(1400, 900);
            browser.open(api.uri("/") + "#/latency?range=24h");
            for (int i = 0; i < times; i++) {
                browser.await("performance.getEntriesByName('heatmap drawn').length > 0");
                ms[i] = browser.evaluate("performance.getEntriesByName('heatmap drawn')[0].duration")
                        .asDouble();
                browser.evaluate("performance.clearMeasures(); dispatchEvent(new HashChangeEvent('hashchange'))");
            }
        }
        return Load.medianAndWorst(ms);
    }
}
