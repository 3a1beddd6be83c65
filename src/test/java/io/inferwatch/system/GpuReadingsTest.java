package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.gpu.testing.ScriptedCard;
import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Eight scripted H100 and two divided by MIG: what the driver says of them is found again in every face, with the source
 * it came from.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GpuReadingsTest {
    private static final Duration SEEN = Duration.ofSeconds(20);

    private static final Map<String, Double> LEVELS = levels();

    @TempDir
    private static Path folder;

    private static ScriptedNvml nvml;
    private static RunningSidecar sidecar;

    private static Map<String, Double> levels() {
        Map<String, Double> levels = new LinkedHashMap<>();
        levels.put("gpu.sm.utilization", 63.4);
        levels.put("gpu.sm.occupancy", 21.7);
        levels.put("gpu.tensor.active", 17.9);
        levels.put("gpu.dram.active", 71.2);
        levels.put("gpu.graphics.active", 99.1);
        levels.put("gpu.utilization", 99.0);
        levels.put("gpu.memory.copy_utilization", 38.0);
        levels.put("gpu.memory.used", 70e9);
        levels.put("gpu.memory.total", 85_899_345_920.0);
        levels.put("gpu.memory.reserved", 500e6);
        levels.put("gpu.power", 641.25);
        levels.put("gpu.power.limit", 700.0);
        levels.put("gpu.temperature", 58.0);
        levels.put("gpu.temperature.memory", 63.0);
        levels.put("gpu.temperature.margin", 27.0);
        levels.put("gpu.clock.sm", 1980.0);
        levels.put("gpu.clock.memory", 2619.0);
        levels.put("gpu.up", 1.0);
        return levels;
    }

    /** GPUs 8 and 9 are divided, and then tell neither utilization nor activity of the whole. */
    private static String[] host(String... more) {
        List<String> lines = new ArrayList<>();
        lines.add("gpus 10");
        for (int gpu = 8; gpu < 10; gpu++) {
            lines.add("call nvmlDeviceGetUtilizationRates gpu=%d ret=3".formatted(gpu));
            lines.add("call nvmlDeviceGetSamples gpu=%d ret=3".formatted(gpu));
            lines.add("call nvmlGpmSampleGet gpu=%d ret=3".formatted(gpu));
            for (int instance = 1; instance < 3; instance++) {
                lines.add("mig %d uuid=MIG-%d-%d gi=%d ci=0 used=1000 total=9000"
                        .formatted(gpu, gpu, instance, instance));
                lines.add("gpm %d 2 %d.5 gi=%d".formatted(gpu, gpu + instance, instance));
                lines.add("gpm %d 10 %d.25 gi=%d".formatted(gpu, gpu + instance, instance));
            }
        }
        lines.addAll(List.of(more));
        return ScriptedCard.H100_80GB_HBM3.script(lines.toArray(String[]::new));
    }

    /** Counters after so many seconds of this load. */
    private static String[] counters(int seconds) {
        return host(
                "field * 83 " + (1_000_000L + 641_250L * seconds),
                "field * 74 " + 250_000_000L * seconds,
                "field * 197 " + 1_000_000L * seconds,
                "field * 139@all " + 2_000L * seconds,
                "field * 3 " + seconds,
                "field * 94 " + seconds + " u32",
                "field * 52 " + seconds,
                "field * 142 " + seconds + " u32");
    }

    @BeforeAll
    static void start() {
        nvml = ScriptedNvml.compile(folder).script(counters(0));
        sidecar = RunningSidecar.with()
                .config("gpu: {library: %s, links_interval: 1s, health_interval: 1s}\n".formatted(nvml.library()))
                .start();
    }

    @AfterAll
    static void stop() {
        if (sidecar != null) { // where there is no compiler, nothing was started
            sidecar.close();
        }
    }

    @AfterEach
    void driverSawNothingForbidden() {
        assertThat(nvml.faults()).isEmpty();
    }

    private static JsonNode reading(int gpu, String metric) {
        return sidecar.api()
                .read("/api/v1/gpus")
                .path("gpus")
                .path(gpu)
                .path("readings")
                .path(metric);
    }

    @Test
    @Order(1)
    void everyLevel_isFoundAgainInTheListAndInAPercentileQuery() {
        Await.until(
                "activity of GPU 7", SEEN, () -> reading(7, "gpu.dram.active").has("value"));
        LEVELS.forEach((metric, level) -> {
            Await.value(
                    metric + " in the list",
                    SEEN,
                    () -> reading(7, metric),
                    reading -> reading.path("value").asDouble(Double.NaN) == level);
            Await.until(metric + " in a query", SEEN, () -> percentile(metric) > -1);
            assertThat(percentile(metric)).as(metric).isCloseTo(level, within(level * 0.001));
        });
        for (String metric : List.of("gpu.sm.utilization", "gpu.sm.occupancy", "gpu.dram.active")) {
            assertThat(reading(7, metric).path("source").asText()).as(metric).isEqualTo("gpm");
        }
        Await.value(
                "what this card does not tell",
                SEEN,
                () -> reading(7, "gpu.pages.retired").path("state").asText(),
                "unsupported"::equals);
    }

    /** Each instance is a series of its own, and the whole GPU is none beside them. */
    @Test
    @Order(1)
    void everyMigInstance_isFoundAgainInTheListAndInQueries() {
        for (int gpu = 8; gpu < 10; gpu++) {
            int index = gpu;
            Await.until(
                    "instances of GPU " + gpu,
                    SEEN,
                    () -> reading(index, "gpu.dram.active")
                            .path("parts")
                            .path(1)
                            .has("value"));
            JsonNode sm = reading(gpu, "gpu.sm.utilization");
            assertThat(sm.path("state").asText()).isEqualTo("unsupported");
            for (int instance = 1; instance < 3; instance++) {
                JsonNode part = sm.path("parts").path(instance - 1);
                assertThat(part.path("gpu_instance").asText()).isEqualTo(Integer.toString(instance));
                assertThat(part.path("source").asText()).isEqualTo("gpm");
                assertThat(part.path("value").asDouble()).isEqualTo(gpu + instance + 0.5);
                String instanceLabel = "gpu_instance:" + instance;
                Await.until(
                        "a query of " + instanceLabel,
                        SEEN,
                        () -> percentile("gpu.sm.utilization", "gpu:" + index, instanceLabel) > -1);
                assertThat(percentile("gpu.sm.utilization", "gpu:" + gpu, instanceLabel))
                        .isCloseTo(gpu + instance + 0.5, within((gpu + instance + 0.5) * 0.001));
            }
        }
        JsonNode one = sidecar.api().read("/api/v1/gpus/MIG-9-2");
        assertThat(one.path("parent").asText())
                .isEqualTo(sidecar.api()
                        .read("/api/v1/gpus")
                        .path("gpus")
                        .path(9)
                        .path("uuid")
                        .asText());
        assertThat(one.path("readings").path("gpu.sm.utilization").path("value").asDouble())
                .isEqualTo(11.5);
        assertThat(sidecar.api().get("/metrics").text())
                .containsPattern(
                        "inferwatch_gpu_sm_utilization_ratio\\{[^}]*gpu=\"9\"[^}]*gpu_instance=\"2\"[^}]*} 0\\.115")
                .doesNotContainPattern("inferwatch_gpu_sm_utilization_ratio\\{[^}]*gpu=\"9\"[^}]*source=\"nvml\"");
    }

    /** What the catalogue calls {@code gpu.*} has a value, or what this card cannot tell says so. */
    @Test
    @Order(2)
    void everyMetricOfTheCatalogue_isPresent() {
        List<String> metrics = MetricCatalogue.all().stream()
                .map(Metric::name)
                .filter(name -> name.startsWith("gpu.") && !name.equals("gpu.xid"))
                .toList();
        assertThat(metrics).hasSizeGreaterThan(30);
        for (String metric : metrics) {
            String expected = metric.startsWith("gpu.pages.") ? "unsupported" : "value"; // pages: older cards
            Await.value(metric, SEEN, () -> reading(4, metric).path("state").asText(), expected::equals);
        }
    }

    private static double percentile(String metric) {
        return p50("metric", metric, "where", "gpu:7", "p", "50");
    }

    private static double percentile(String metric, String gpu, String instance) {
        return p50("metric", metric, "where", gpu, "where", instance, "p", "50");
    }

    private static double p50(String... query) {
        return sidecar.api()
                .read("/api/v1/percentiles", query)
                .path("series")
                .path(0)
                .path("percentiles")
                .path("p50")
                .asDouble(-1);
    }

    @Test
    @Order(2)
    void everyCounter_isWhatWasAddedSince() {
        Map<String, Double> wanted = Map.of(
                "gpu.energy", 641.25,
                "gpu.throttle", 0.25,
                "gpu.pcie.bytes", 1e6,
                "gpu.nvlink.bytes", 2_000.0 * 1024,
                "gpu.nvlink.errors", 1.0,
                "gpu.ecc.errors", 1.0,
                "gpu.pcie.replays", 1.0,
                "gpu.rows.remapped", 1.0);
        // What a counter stood at before is the ground that is added to; each is read at times of its own.
        for (int gpu = 0; gpu < 8; gpu++) {
            int index = gpu;
            wanted.keySet()
                    .forEach(metric -> Await.until(
                            "the first reading of " + metric + " of GPU " + index,
                            SEEN,
                            () -> reading(index, metric).path("state").asText().equals("value")));
        }
        nvml.script(counters(1));
        wanted.forEach((metric, increase) -> {
            Await.until(metric, SEEN, () -> added(metric) > 0);
            assertThat(added(metric)).as(metric).isCloseTo(increase, within(increase * 1e-7));
        });
        JsonNode throttle = sidecar.api()
                .read(
                        "/api/v1/windows",
                        "metric",
                        "gpu.throttle",
                        "agg",
                        "sum",
                        "by",
                        "reason",
                        "where",
                        "gpu:3",
                        "where",
                        "reason:sw_power_cap");
        assertThat(throttle.path("series").path(0).path("labels").path("reason").asText())
                .isEqualTo("sw_power_cap");
        assertThat(reading(3, "gpu.throttle").path("parts")).hasSize(7);
    }

    private static double added(String metric) {
        return sidecar.api()
                .read("/api/v1/windows", "metric", metric, "agg", "sum", "where", "gpu:3")
                .path("series")
                .path(0)
                .path("value")
                .asDouble();
    }

    @Test
    @Order(3)
    void prometheus_hasThemUnderItsOwnAndOnRequestUnderDcgmsNames() {
        Await.until(
                "counters",
                SEEN,
                () -> sidecar.api().get("/metrics").text().contains("inferwatch_gpu_rows_remapped_total"));
        String own = sidecar.api().get("/metrics").text();
        String both = sidecar.api().get("/metrics?dcgm=true").text();

        assertThat(own)
                .containsPattern(
                        "inferwatch_gpu_sm_utilization_ratio\\{[^}]*gpu=\"5\"[^}]*source=\"gpm\"[^}]*} 0\\.634")
                .containsPattern("inferwatch_gpu_energy_joules_total\\{[^}]*gpu=\"3\"[^}]*} 641\\.25")
                .containsPattern("inferwatch_gpu_throttle_seconds_total\\{[^}]*reason=\"sw_power_cap\"[^}]*} 0\\.25")
                .containsPattern("inferwatch_gpu_pcie_bytes_total\\{[^}]*direction=\"tx\"[^}]*} 1000000")
                .containsPattern("inferwatch_gpu_ecc_errors_total\\{[^}]*kind=\"corrected\"[^}]*} 1")
                .doesNotContain("DCGM_FI_");
        assertThat(both)
                .containsPattern("DCGM_FI_DEV_GPU_TEMP\\{[^}]*gpu=\"5\"[^}]*} 58")
                .containsPattern("DCGM_FI_PROF_SM_ACTIVE\\{[^}]*gpu=\"5\"[^}]*} 0\\.634")
                .containsPattern("DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION\\{[^}]*gpu=\"5\"[^}]*} 1641250")
                .doesNotContain("DCGM_FI_DEV_RETIRED_SBE");
        assertThat(sidecar.api().get("/metrics?dcgm=maybe").status()).isEqualTo(400);
    }

    /** No poll falls into the pulse: it is in the driver's ring and in its counter of nanoseconds. */
    @Test
    @Order(4)
    void powerBrakeOfFortyMilliseconds_showsInTheWindow() {
        nvml.script(host("ring 2 power 1000:641250"));
        Instant before = readAt();
        Await.until("the ring's first value read", SEEN, () -> readAt().isAfter(before.plusMillis(1_500)));
        nvml.script(host("ring 2 power 1000:641250 1020:702000 1040:130000 1060:640000", "field 2 271 40000000"));

        Await.until("the peak and the trough", SEEN, () -> aggregate("max") > 700 && aggregate("min") < 200);
        assertThat(aggregate("max")).isCloseTo(702, within(0.8));
        assertThat(aggregate("min")).isCloseTo(130, within(0.2));
        assertThat(sidecar.api()
                        .read("/api/v1/share", "metric", "gpu.power", "above", "700W", "where", "gpu:2")
                        .path("series")
                        .path(0)
                        .path("share")
                        .asDouble())
                .as("time above a level")
                .isGreaterThan(0)
                .isLessThan(0.5);
        Await.until("the brake", SEEN, () -> brakeSeconds() > 0);
        assertThat(brakeSeconds()).isCloseTo(0.04, within(1e-9));
    }

    private static Instant readAt() {
        return Instant.parse(reading(2, "gpu.power").path("at").asText());
    }

    private static double aggregate(String aggregate) {
        return sidecar.api()
                .read("/api/v1/windows", "metric", "gpu.power", "agg", aggregate, "where", "gpu:2")
                .path("series")
                .path(0)
                .path("value")
                .asDouble();
    }

    private static double brakeSeconds() {
        return sidecar.api()
                .read(
                        "/api/v1/windows",
                        "metric",
                        "gpu.throttle",
                        "agg",
                        "sum",
                        "where",
                        "gpu:2",
                        "where",
                        "reason:hw_power_brake")
                .path("series")
                .path(0)
                .path("value")
                .asDouble();
    }
}
