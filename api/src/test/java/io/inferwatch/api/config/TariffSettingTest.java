package io.inferwatch.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.cost.hosted.TokenWeights;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TariffSettingTest {
    @TempDir
    private Path folder;

    private Tariff read(String yaml, Map<String, String> environment) throws IOException {
        Path file = Files.writeString(folder.resolve("inferwatch.yml"), yaml);
        return TariffSetting.read(ConfigReader.read(Optional.of(file), environment, Map.of()));
    }

    @Test
    void unsaid_nothingHasAPrice() throws IOException {
        assertThat(read("", Map.of()).gpuHourUsd()).isEmpty();
        assertThat(read("", Map.of()).weights()).isEmpty();
        assertThat(read("", Map.of()).gridGramsPerKwh()).isEmpty();
    }

    @Test
    void said_isReadAsTheDecimalsItIsWrittenAs() throws IOException {
        String yaml = """
                hosted: {gpu_hour_usd: 2.49, power_included: true, kwh_usd: 0.115, pue: 1.3, grid_g_per_kwh: 380,
                  weights: {uncached: 1, cached: 0.1, output: 4.5}}
                """;
        assertThat(read(yaml, Map.of("INFERWATCH_HOSTED_KWH_USD", "0.2")))
                .isEqualTo(new Tariff(
                        Optional.of(new BigDecimal("2.49")),
                        true,
                        new BigDecimal("0.2"),
                        new BigDecimal("1.3"),
                        Optional.of(new BigDecimal("380")),
                        Optional.of(new TokenWeights(BigDecimal.ONE, new BigDecimal("0.1"), new BigDecimal("4.5")))));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpu_hour_usd: -1 | hosted.gpu_hour_usd: \"-1\" is no number of 0 or more",
                "kwh_usd: 1e999999999 | hosted.kwh_usd: \"1e999999999\" is no number",
                "kwh_usd: NaN | hosted.kwh_usd: \"NaN\" is no number",
                "pue: 0.9 | hosted.pue: 0.9 is below 1",
                "weights: {uncached: 1, cahced: 0, output: 5} | unknown class \"cahced\"; did you mean \"cached\"?",
                "weights: {uncached: 1, output: 5} | hosted.weights: cached is missing; write all three",
                "weights: {uncached: 1, cached: 0, output: 0} | hosted.weights.output: 0 would make output free",
                "weights: {uncached: 1, cached: x, output: 5} | hosted.weights.cached: \"x\" is no number",
            })
    void wrongOnes_areNamedWithTheirValue(String entry, String message) {
        assertThatThrownBy(() -> read("hosted: {" + entry + "}\n", Map.of())).hasMessageContaining(message);
    }
}
