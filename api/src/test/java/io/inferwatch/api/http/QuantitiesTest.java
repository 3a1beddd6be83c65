package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.catalogue.MetricCatalogue;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {

    @ParameterizedTest
    @CsvSource({
        "llm.ttft, 500ms, 500",
        "llm.ttft, 1.5s, 1500",
        "llm.ttft, 250, 250",
        "llm.ttft, 118.234ms, 118.234",
        "gpu.sm.utilization, 95%, 95",
        "llm.quality, 95%, 0.95",
        "gpu.memory.used, 2GiB, 2147483648",
        "gpu.temperature, 90C, 90",
        "eval.quality, -0.5, -0.5",
    })
    void limit_isBroughtIntoTheUnit_ofTheMetric(String metric, String text, double expected) {
        assertThat(Quantities.inUnitOf(MetricCatalogue.require(metric), "above", text))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"gpu.temperature, 500ms", "llm.ttft, 95%", "llm.ttft, fast", "llm.ttft, NaN", "gpu.power, 1e3"})
    void limit_isRefused_whenItsUnitDoesNotFit(String metric, String text) {
        assertThatThrownBy(() -> Quantities.inUnitOf(MetricCatalogue.require(metric), "above", text))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining(text)
                .hasMessageContaining(metric);
    }
}
