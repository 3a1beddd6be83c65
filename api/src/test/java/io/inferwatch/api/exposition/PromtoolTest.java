package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.catalogue.MetricUnit;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code promtool} of Debian's package {@code prometheus} has nothing to say of any metric of the catalogue. */
class PromtoolTest {
    private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    @Test
    void promtoolIsSilent_onEveryMetricOfTheCatalogue() throws Exception {
        assumeTrue(Files.isExecutable(PROMTOOL), "not run: no " + PROMTOOL + "; apt-get install prometheus");
        List<SeriesTotals> all = MetricCatalogue.all().stream()
                .filter(metric -> metric.unit() != MetricUnit.PUSHED)
                .map(PromtoolTest::one)
                .toList();

        Process promtool = new ProcessBuilder(PROMTOOL.toString(), "check", "metrics")
                .redirectErrorStream(true)
                .start();
        try (OutputStream in = promtool.getOutputStream()) {
            write(all, in);
        }

        assertThat(new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
        assertThat(promtool.waitFor()).isZero();
    }

    private static SeriesTotals one(Metric metric) {
        return new SeriesTotals(metric, LabelSet.of("host", "h"), 1, 1, 1, NOW);
    }

    private static void write(List<SeriesTotals> series, OutputStream out) throws IOException {
        PrometheusTextFormatWriter.create()
                .write(out, Exposition.of(series, (metric, labels) -> Map.of(0.5, 1.0), NOW));
    }
}
