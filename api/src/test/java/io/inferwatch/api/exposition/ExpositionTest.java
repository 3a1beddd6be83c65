package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExpositionTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    @ParameterizedTest
    @CsvSource({
        "llm.ttft, inferwatch_llm_ttft_seconds, 0.001",
        "gpu.sm.utilization, inferwatch_gpu_sm_utilization_ratio, 0.01",
        "llm.requests, inferwatch_llm_requests, 1",
        "gpu.memory.used, inferwatch_gpu_memory_used_bytes, 1",
        "gpu.pcie.bytes, inferwatch_gpu_pcie_bytes, 1",
        "cost.usd, inferwatch_cost_usd, 1",
        "gpu.clock.sm, inferwatch_gpu_clock_sm_hertz, 1000000",
        "inferwatch.records.accepted, inferwatch_records_accepted, 1",
        "eval.quality, inferwatch_eval_quality, 1",
    })
    void name_hasPrefixUnderscoresAndBaseUnit(String metric, String name, double perUnit) {
        assertThat(PrometheusName.of(MetricCatalogue.require(metric))).isEqualTo(new PrometheusName(name));
        assertThat(MetricCatalogue.require(metric).unit().baseUnits()).isEqualTo(perUnit);
    }

    @Test
    void everyCatalogueMetric_hasAValidNameOfItsOwn() {
        assertThat(MetricCatalogue.all())
                .extracting(metric -> PrometheusName.of(metric).name())
                .doesNotHaveDuplicates()
                .allMatch(name -> name.matches("inferwatch_[a-z0-9_]+"));
    }

    @Test
    void text_holdsCountersGaugesAndSummaries_inBaseUnits() throws IOException {
        String text = text(List.of(
                totals("llm.requests", LabelSet.of("outcome", "success"), 7, 7, 1),
                totals("gpu.power", LabelSet.of("gpu", "0"), 60, 24_000, 401.5),
                totals("llm.ttft", LabelSet.of("model", "m"), 4, 1_000, 300)));
        assertThat(text)
                .contains("# TYPE inferwatch_llm_requests_total counter")
                .contains("inferwatch_llm_requests_total{outcome=\"success\"} 7.0")
                .contains("inferwatch_gpu_power_watts{gpu=\"0\"} 401.5")
                .contains("inferwatch_llm_ttft_seconds{model=\"m\",quantile=\"0.5\"} 0.25")
                .contains("inferwatch_llm_ttft_seconds_count{model=\"m\"} 4")
                .contains("inferwatch_llm_ttft_seconds_sum{model=\"m\"} 1.0");
    }

    @Test
    void gaugeNotHeardOfForAMinute_isLeftOut() throws IOException {
        SeriesTotals old = new SeriesTotals(
                MetricCatalogue.require("gpu.power"), LabelSet.EMPTY, 1, 400, 400, NOW.minusSeconds(61));
        assertThat(text(List.of(old))).doesNotContain("inferwatch_gpu_power_watts ");
    }

    @Test
    void hostileLabelValues_areEscaped() throws IOException {
        String text = text(
                List.of(totals("llm.requests", LabelSet.of("model", "a\"}\n# HELP x\\", "my-label", "v"), 1, 1, 1)));
        assertThat(text).contains("model=\"a\\\"}\\n# HELP x\\\\\"").contains("my_label=\"v\"");
    }

    private static SeriesTotals totals(String metric, LabelSet labels, long count, double sum, double last) {
        return new SeriesTotals(MetricCatalogue.require(metric), labels, count, sum, last, NOW);
    }

    private static String text(List<SeriesTotals> series) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create()
                .write(out, Exposition.of(series, (metric, labels) -> Map.of(0.5, 250.0), NOW));
        return out.toString(StandardCharsets.UTF_8);
    }
}
