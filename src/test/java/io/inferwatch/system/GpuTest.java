package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.inferwatch.gpu.testing.ScriptedNvml;
import io.inferwatch.system.support.Answer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** A node of four GPUs, by a real NVML library that answers as a script says. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GpuTest {
    private static final Duration SEEN = Duration.ofSeconds(15);
    private static final String[] HEALTHY = {
        "gpus 4",
        "gpu * power_mw=400000 temperature_c=60 used=80000000000 sm_mhz=1980",
        "gpu 1 power_mw=650000 temperature_c=77",
        "gpu 2 power_mw=123456 utilization=37"
    };

    @TempDir
    private static Path folder;

    private static ScriptedNvml nvml;
    private static RunningSidecar sidecar;

    @BeforeAll
    static void start() {
        nvml = ScriptedNvml.compile(folder).script(HEALTHY);
        // A machine that stands still for a second or two must not make a hung driver of itself.
        sidecar = RunningSidecar.with()
                .config("gpu: {library: %s, interval: 500ms, deadline: 4s}\n".formatted(nvml.library()))
                .start();
    }

    @AfterAll
    static void stop() {
        if (sidecar != null) { // where there is no compiler, nothing was started
            sidecar.close();
        }
    }

    @BeforeEach
    void allAreHealthyAndInOrder() {
        nvml.script(HEALTHY);
        Await.until("four healthy GPUs in order", SEEN, () -> {
            JsonNode gpus = sidecar.api().read("/api/v1/gpus").path("gpus");
            for (int i = 0; i < gpus.size(); i++) {
                if (!gpus.path(i).path("uuid").asText().endsWith("00" + i)
                        || !state(i, "gpu.power").equals("value")
                        || !state(i, "gpu.temperature").equals("value")) {
                    return false;
                }
            }
            return states().equals(List.of("healthy", "healthy", "healthy", "healthy"));
        });
    }

    @AfterEach
    void driverSawNothingForbidden() {
        assertThat(nvml.faults()).isEmpty();
    }

    @Test
    void everyReading_isTheScriptsWithUnitAndSource() {
        JsonNode fleet = sidecar.api().read("/api/v1/gpus");

        assertThat(fleet.path("driver").asText()).isEqualTo("590.48.01");
        assertThat(fleet.path("gpus")).hasSize(4);
        JsonNode gpu = fleet.path("gpus").path(1);
        assertThat(gpu.path("index").asInt()).isEqualTo(1);
        assertThat(gpu.path("uuid").asText()).isEqualTo("GPU-00000000-0000-0000-0000-000000000001");
        assertThat(gpu.path("name").asText()).isEqualTo("NVIDIA H200");
        assertThat(reading(1, "gpu.power").path("value").asDouble()).isEqualTo(650);
        assertThat(reading(1, "gpu.power").path("unit").asText()).isEqualTo("W");
        assertThat(reading(1, "gpu.power").path("state").asText()).isEqualTo("value");
        assertThat(reading(1, "gpu.temperature").path("value").asDouble()).isEqualTo(77);
        assertThat(reading(1, "gpu.memory.used").path("value").asLong()).isEqualTo(80_000_000_000L);
        assertThat(reading(1, "gpu.clock.sm").path("value").asDouble()).isEqualTo(1980);
        assertThat(reading(2, "gpu.utilization").path("value").asDouble()).isEqualTo(37);
    }

    @Test
    void readyLine_countsThem() {
        sidecar.awaitLog("gpus: 4");
    }

    @Test
    void readings_areFoundAgainInQueriesAndMetrics() {
        for (int gpu = 0; gpu < 4; gpu++) {
            String where = "gpu:" + gpu;
            Await.until(
                    "percentiles of power of " + where,
                    SEEN,
                    () -> power(where).path("series").size() == 1);
        }
        JsonNode series = power("gpu:2").path("series").path(0);

        assertThat(series.path("percentiles").path("p50").asDouble()).isEqualTo(123.456, within(0.13));
        assertThat(power("gpu:2").path("unit").asText()).isEqualTo("W");
        assertThat(sidecar.api().get("/metrics").text())
                .containsPattern("inferwatch_gpu_power_watts\\{[^}]*gpu=\"1\"[^}]*} 650(\\.0)?(\\s|$)")
                .containsPattern("inferwatch_gpu_up\\{[^}]*gpu=\"3\"[^}]*} 1(\\.0)?(\\s|$)");
        JsonNode node = sidecar.api().read("/api/v1/windows", "metric", "gpu.power", "agg", "last");
        assertThat(node.path("series").path(0).path("value").asDouble())
                .as("watts add up over the node")
                .isEqualTo(400 + 650 + 123.456 + 400, within(2.0));
    }

    @Test
    void lostGpu_isSaidSoAndComesBack_whileTheOthersGoOn() {
        script("call * gpu=3 ret=15");
        Await.until("GPU 3 lost", SEEN, () -> states().equals(List.of("healthy", "healthy", "healthy", "lost")));

        assertThat(verdict(3).path("reason").asText()).isNotEmpty();
        assertThat(verdict(3).path("action").asText()).isNotEmpty();
        assertThat(reading(3, "gpu.power").path("state").asText()).isNotEqualTo("value");
        assertThat(reading(3, "gpu.power").has("value")).as("no invented value").isFalse();
        Await.until(
                "gpu.up is 0",
                SEEN,
                () -> sidecar.api()
                                .read("/api/v1/windows", "metric", "gpu.up", "agg", "last", "where", "gpu:3")
                                .path("series")
                                .path(0)
                                .path("value")
                                .asDouble(1)
                        == 0);
        assertThat(reading(0, "gpu.power").path("state").asText()).isEqualTo("value");
    }

    /** A driver call that never returns: its GPU is marked, the others are read on, and requests are taken as before. */
    @Test
    void hungDriverCall_touchesItsOwnGpuOnly() {
        script("call nvmlDeviceGetPowerUsage gpu=2 hang");
        Await.until("GPU 2 unresponsive", SEEN, () -> states().get(2).equals("driver_unresponsive"));

        Instant before = latestAt(0);
        Traffic traffic = new Traffic(11, "hang");
        List<Long> pushNanos = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            long began = System.nanoTime();
            sidecar.api().push(traffic.take(50, 2, "while-hung"));
            pushNanos.add(System.nanoTime() - began);
        }
        // The median: one pause of the machine is no push that waited for the driver.
        assertThat(Duration.ofNanos(pushNanos.stream().sorted().toList().get(10)))
                .as("median push of %s ns", pushNanos)
                .isLessThan(Duration.ofSeconds(1));
        Await.until(
                "GPU 0 read on, and GPU 2 alone unresponsive",
                SEEN,
                () -> latestAt(0).isAfter(before.plusMillis(900))
                        && states().equals(List.of("healthy", "healthy", "driver_unresponsive", "healthy")));
        assertThat(sidecar.api().isReady()).isTrue();
    }

    /** The very last: a driver that once said "not supported" need not be asked again. */
    @Test
    @Order(Integer.MAX_VALUE)
    void unsupportedAndForbiddenReadings_areSaidSoAndNeverZero() {
        script("call nvmlDeviceGetPowerUsage gpu=0 ret=3", "call nvmlDeviceGetTemperature gpu=1 ret=4");
        Await.until("unsupported", SEEN, () -> state(0, "gpu.power").equals("unsupported"));
        Await.until("no permission", SEEN, () -> state(1, "gpu.temperature").equals("no_permission"));

        assertThat(reading(0, "gpu.power").has("value")).isFalse();
        assertThat(state(0, "gpu.temperature")).isEqualTo("value");
    }

    /** Last, since it leaves series behind that bear the numbers of before. After a reload the numbers may name other cards; the UUID stays. */
    @Test
    @Order(Integer.MAX_VALUE - 1)
    void driverReload_keepsIdentities() {
        int generation = sidecar.api().read("/api/v1/gpus").path("generation").asInt();
        script("load 2", "order 1 0 2 3");
        Await.until(
                "the new generation",
                SEEN,
                () -> sidecar.api().read("/api/v1/gpus").path("generation").asInt() > generation
                        && states().stream().allMatch("healthy"::equals));

        Await.until("650 W stay with their card", SEEN, () -> {
            for (JsonNode gpu : sidecar.api().read("/api/v1/gpus").path("gpus")) {
                if (gpu.path("uuid").asText().endsWith("001")) {
                    return gpu.path("readings").path("gpu.power").path("value").asDouble() == 650;
                }
            }
            return false;
        });
    }

    /** An XID is counted by number, is the verdict of its GPU, and stands among its events. */
    @Test
    @Order(Integer.MAX_VALUE - 3)
    void xid_isCountedAndBecomesTheVerdict() {
        script("xid 1 94");
        Await.until("degraded", SEEN, () -> states().get(1).equals("degraded"));

        JsonNode gpu = sidecar.api().read("/api/v1/gpus/" + uuid(1));
        assertThat(gpu.path("verdict").path("reason").asText()).isEqualTo("XID 94 (contained memory error)");
        assertThat(gpu.path("verdict").path("evidence")).hasSize(1);
        assertThat(gpu.path("events").path(0).path("kind").asText()).isEqualTo("restart_app");
        Await.until(
                "gpu.xid counted",
                SEEN,
                () -> sidecar.api()
                                .read("/api/v1/windows", "metric", "gpu.xid", "agg", "sum", "where", "xid:94")
                                .path("series")
                                .path(0)
                                .path("value")
                                .asDouble(0)
                        == 1);
        // The driver is taken up anew, as after a reset: the XID is settled.
        script();
        sidecar.api()
                .sendAsAdmin("POST", "/api/v1/gpus/release?for=100ms", "application/json", "")
                .json(200);
        Await.until("healthy", SEEN, () -> states().get(1).equals("healthy"));
    }

    @Test
    @Order(Integer.MAX_VALUE - 4)
    void slowRequest_isToldWithWhatItsGpusDid() {
        Await.until("GPU state of a slow request", SEEN, () -> {
            sidecar.api().push(new Traffic(5, "join").take(20, 2, "joined"));
            JsonNode slow = sidecar.api().read("/api/v1/requests/slowest", "metric", "llm.latency");
            JsonNode gpus = slow.path("requests").path(0).path("gpus");
            return gpus.size() == 4 && gpus.path(1).path("power_watts").asDouble() > 100;
        });
    }

    /** Nothing of the driver is held, no GPU is called lost, and reading begins again by itself. */
    @Test
    @Order(Integer.MAX_VALUE - 2)
    void release_letsGoOfTheDriver_andTakesItUpAgain() {
        int generation = sidecar.api().read("/api/v1/gpus").path("generation").asInt();
        Answer refused = sidecar.api().send("POST", "/api/v1/gpus/release", "");
        assertThat(refused.status()).isEqualTo(401);

        Answer released = sidecar.api().sendAsAdmin("POST", "/api/v1/gpus/release?for=6s", "application/json", "");
        assertThat(released.json(200).path("released").asBoolean()).isTrue();
        JsonNode meanwhile = sidecar.api().read("/api/v1/gpus");
        assertThat(meanwhile.path("reason").asText()).startsWith("released on request until");
        assertThat(states()).doesNotContain("lost");
        Await.until(
                "read again",
                SEEN,
                () -> sidecar.api().read("/api/v1/gpus").path("generation").asInt() > generation);
    }

    @Test
    void oneGpu_isShownByItsUuid() {
        Answer answer = sidecar.api().get("/api/v1/gpus/GPU-00000000-0000-0000-0000-000000000002");

        assertThat(answer.json(200)
                        .path("readings")
                        .path("gpu.power")
                        .path("value")
                        .asDouble())
                .isEqualTo(123.456);
    }

    @Test
    void unknownGpu_isAProblemThatNamesTheNearest() {
        Answer mistyped = sidecar.api().get("/api/v1/gpus/GPU-00000000-0000-0000-0000-00000000000X");
        assertThat(mistyped.status()).isEqualTo(404);
        assertThat(mistyped.isProblem()).isTrue();
        assertThat(mistyped.json().path("detail").asText()).contains("did you mean \"GPU-00000000-0000-0000-0000-0000");

        assertThat(sidecar.api().get("/api/v1/gpus/2").json(404).path("detail").asText())
                .as("an index names the UUID")
                .contains("did you mean \"" + uuid(2) + "\"?");
    }

    private static void script(String... more) {
        List<String> lines = new ArrayList<>(List.of(HEALTHY));
        lines.addAll(List.of(more));
        nvml.script(lines.toArray(String[]::new));
    }

    private static List<String> states() {
        List<String> states = new ArrayList<>();
        for (JsonNode gpu : sidecar.api().read("/api/v1/gpus").path("gpus")) {
            states.add(gpu.path("verdict").path("state").asText());
        }
        return states;
    }

    private static String uuid(int gpu) {
        return "GPU-00000000-0000-0000-0000-00000000000" + gpu;
    }

    private static JsonNode verdict(int gpu) {
        return sidecar.api().read("/api/v1/gpus").path("gpus").path(gpu).path("verdict");
    }

    private static JsonNode reading(int gpu, String metric) {
        return sidecar.api()
                .read("/api/v1/gpus")
                .path("gpus")
                .path(gpu)
                .path("readings")
                .path(metric);
    }

    private static String state(int gpu, String metric) {
        return reading(gpu, metric).path("state").asText();
    }

    private static Instant latestAt(int gpu) {
        return Instant.parse(reading(gpu, "gpu.temperature").path("at").asText());
    }

    private static JsonNode power(String where) {
        return sidecar.api().read("/api/v1/percentiles", "metric", "gpu.power", "where", where);
    }
}
