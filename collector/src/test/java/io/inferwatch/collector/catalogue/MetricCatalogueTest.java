package io.inferwatch.collector.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MetricCatalogueTest {

    @Test
    void givesTheSameInstance_eachTimeANameIsLookedUp() {
        assertThat(MetricCatalogue.require("llm.ttft")).isSameAs(MetricCatalogue.require("llm.ttft"));
        assertThat(MetricCatalogue.require("eval.helpfulness")).isSameAs(MetricCatalogue.require("eval.helpfulness"));
    }

    @Test
    void everyEntryIsFoundByItsName() {
        for (Metric metric : MetricCatalogue.all()) {
            assertThat(MetricCatalogue.find(metric.name())).containsSame(metric);
            assertThat(metric.name()).matches("[a-z]+(\\.[a-z0-9_]+)+");
            assertThat(metric.definition()).isNotBlank();
        }
    }

    @Test
    void onlyLatenciesAnswerForSuccess_andCountersAreNeverLevels() {
        for (Metric metric : MetricCatalogue.all()) {
            assertThat(metric.latency())
                    .isEqualTo(metric.unit() == MetricUnit.MILLISECONDS && metric.kind() == MetricKind.EVENT);
            if (metric.addsUp()) {
                assertThat(metric.kind()).as(metric.name()).isEqualTo(MetricKind.GAUGE);
            }
        }
    }

    @Test
    void makesASignedEvent_underAPushedPrefix() {
        Metric pushed = MetricCatalogue.require("custom.queue_score");
        assertThat(pushed.kind()).isEqualTo(MetricKind.EVENT);
        assertThat(pushed.unit()).isEqualTo(MetricUnit.PUSHED);
        assertThat(pushed.signed()).isTrue();
    }

    @Test
    void keepsTheCataloguesOwnEntry_whenItStandsUnderAPushedPrefix() {
        assertThat(MetricCatalogue.require("cost.usd").unit()).isEqualTo(MetricUnit.DOLLARS);
    }

    @Test
    void refusesNames_thatAreNeitherListedNorWellFormedUnderAPrefix() {
        for (String name : List.of(
                "llm.tftt",
                "eval.",
                "eval",
                "eval..x",
                "evil.x",
                "custom.A",
                "custom.a b",
                "custom." + "x".repeat(200))) {
            assertThat(MetricCatalogue.find(name)).as(name).isEmpty();
        }
        assertThatThrownBy(() -> MetricCatalogue.require("llm.tftt")).hasMessageContaining("llm.tftt");
    }

    @Test
    void namesTheNearestMetricAndLabel() {
        assertThat(MetricCatalogue.nearestName("llm.tftt")).contains("llm.ttft");
        assertThat(MetricCatalogue.nearestName("gpu.temprature")).contains("gpu.temperature");
        assertThat(MetricCatalogue.nearestName("zzzzzz")).isEmpty();
        assertThat(MetricCatalogue.nearestLabel(MetricCatalogue.require("llm.ttft"), "modle"))
                .contains("model");
        assertThat(MetricCatalogue.nearestLabel(MetricCatalogue.require("gpu.power"), "hots"))
                .contains("host");
    }

    @Test
    void nearestName_countsAMissingEndingAsOneSlip() {
        assertThat(NearestName.among(List.of("time", "ttft_ms"), "ttft")).contains("ttft_ms");
        assertThat(NearestName.among(List.of("status", "stream"), "Stream")).contains("stream");
        assertThat(NearestName.among(List.of("a"), "")).isEmpty();
        assertThat(NearestName.among(List.of("model"), "m".repeat(1000))).isEmpty();
    }

    @Test
    void keepsABoundedNumberOfPushedMetrics() {
        PushedMetrics pushed = new PushedMetrics(2);
        IntStream.range(0, 5).forEach(i -> pushed.metric("drift.n" + i));
        assertThat(pushed.kept()).isEqualTo(2);
        assertThat(pushed.metric("drift.n0")).isSameAs(pushed.metric("drift.n0"));
        assertThat(pushed.metric("drift.n4")).isEqualTo(pushed.metric("drift.n4"));
    }
}
