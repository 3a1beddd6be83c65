package io.inferwatch.api.exposition;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuField;
import io.inferwatch.gpu.GpuFields;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.MigInstance;
import io.inferwatch.gpu.Occupancy;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DcgmAliasesTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");
    private static final String LABELS =
            "{Hostname=\"h1\",UUID=\"GPU-1\",device=\"nvidia3\",gpu=\"3\",modelName=\"NVIDIA H100\",pool=\"a\"}";

    private static FieldReading value(String metric, Map<String, String> labels, double value) {
        return new FieldReading(new GpuField(metric, ""), labels, new Reading.Value<>(Samples.of(value)));
    }

    private static String text(FieldReading... readings) throws IOException {
        GpuFleet.Gpu gpu = new GpuFleet.Gpu(
                new GpuIdentity(3, "GPU-1", "NVIDIA H100"),
                Optional.empty(),
                new GpuVerdict(GpuVerdict.State.HEALTHY, "", "", NOW),
                Stream.of(readings)
                        .map(reading -> new GpuFleet.Latest(reading, NOW))
                        .toList(),
                List.of(),
                new Occupancy(
                        new Reading.Stale<>(),
                        true,
                        List.of(new MigInstance("MIG-1", "NVIDIA H100 MIG 1c.3g.40gb", 2, 0, new Reading.Stale<>()))),
                NOW);
        LabelSet own = LabelSet.of("gpu", "3", "uuid", "GPU-1", "host", "h1", "pool", "a");
        SeriesTotals up = new SeriesTotals(MetricCatalogue.require("gpu.up"), own, 1, 1, 1, NOW);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrometheusTextFormatWriter.create().write(out, DcgmAliases.of(List.of(gpu), List.of(up)));
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void unitsAreThoseOfDcgm_andLabelsToo() throws IOException {
        assertThat(text(
                        value("gpu.energy", Map.of(), 12.5),
                        value("gpu.memory.total", Map.of(), 80.0 * (1 << 20)),
                        value("gpu.memory.used", Map.of(), 50.0 * (1 << 20)),
                        value("gpu.memory.reserved", Map.of(), 10.0 * (1 << 20)),
                        value("gpu.dram.active", Map.of("source", "gpm"), 78),
                        value("gpu.sm.utilization", Map.of("source", "gpm"), 41),
                        value("gpu.power", Map.of(), 401.5),
                        value("gpu.ecc.errors", Map.of("kind", "corrected"), 7),
                        value("gpu.ecc.errors", Map.of("kind", "uncorrected"), 2)))
                .contains("# TYPE DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION untyped")
                .contains("\nDCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION" + LABELS + " 12500.0\n")
                .contains("\nDCGM_FI_DEV_FB_FREE" + LABELS + " 20.0\n")
                .contains("\nDCGM_FI_DEV_FB_USED" + LABELS + " 50.0\n")
                .contains("\nDCGM_FI_PROF_DRAM_ACTIVE" + LABELS + " 0.78\n")
                .contains("\nDCGM_FI_PROF_SM_ACTIVE" + LABELS + " 0.41\n")
                .contains("\nDCGM_FI_DEV_POWER_USAGE" + LABELS + " 401.5\n")
                .contains("\nDCGM_FI_DEV_ECC_SBE_VOL_TOTAL" + LABELS + " 7.0\n")
                .contains("\nDCGM_FI_DEV_ECC_DBE_VOL_TOTAL" + LABELS + " 2.0\n");
    }

    @Test
    void instancesOfADividedGpuAreTold_byTheirNumber() throws IOException {
        String first = LABELS.replace("{Host", "{GPU_I_ID=\"1\",Host");
        String second = LABELS.replace("{Host", "{GPU_I_ID=\"2\",GPU_I_PROFILE=\"3g.40gb\",Host");
        assertThat(text(
                        value("gpu.sm.utilization", Map.of("source", "gpm", "gpu_instance", "1"), 41),
                        value("gpu.sm.utilization", Map.of("source", "gpm", "gpu_instance", "2"), 7),
                        value("gpu.dram.active", Map.of("source", "gpm", "gpu_instance", "2"), 50),
                        value("gpu.power", Map.of(), 401.5)))
                .contains("\nDCGM_FI_PROF_SM_ACTIVE" + first + " 0.41\n")
                .contains("\nDCGM_FI_PROF_SM_ACTIVE" + second + " 0.07\n")
                .contains("\nDCGM_FI_PROF_DRAM_ACTIVE" + second + " 0.5\n")
                .contains("\nDCGM_FI_DEV_POWER_USAGE" + LABELS + " 401.5\n");
    }

    @Test
    void nothingIsSaid_ofWhatHasNoValue() throws IOException {
        assertThat(text(
                        new FieldReading(new GpuField("gpu.power", "W"), Map.of(), new Reading.Unsupported<>()),
                        new FieldReading(new GpuField("gpu.temperature", "C"), Map.of(), new Reading.Stale<>()),
                        value("gpu.sm.utilization", Map.of("source", "nvml"), 100)))
                .isEmpty();
    }

    @Test
    void everyFieldBehindAnAlias_isReadUnderThatName() throws IOException {
        FieldReading[] all = Stream.concat(
                        GpuFields.all().stream().map(field -> value(field.metric(), Map.of("source", "gpm"), 1)),
                        Stream.of("corrected", "uncorrected", "crc_flit", "crc_data", "replay", "recovery")
                                .flatMap(kind -> Stream.of(
                                                "gpu.ecc.errors",
                                                "gpu.rows.remapped",
                                                "gpu.pages.retired",
                                                "gpu.nvlink.errors")
                                        .map(metric -> value(metric, Map.of("kind", kind), 1))))
                .toArray(FieldReading[]::new);

        assertThat(text(all).lines().filter(line -> line.startsWith("DCGM_FI_")))
                .hasSize(32);
    }
}
