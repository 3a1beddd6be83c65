package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.reading;
import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Energy, throttling, links and memory health, through a real C library. */
class CounterReadingsTest {
    private static final Reading<Samples> UNSUPPORTED = new Reading.Unsupported<>();

    private final Path folder;
    private @Nullable ScriptedNvml nvml;

    CounterReadingsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private ScriptedNvml driver(String... withoutSymbols) {
        ScriptedNvml compiled = ScriptedNvml.compile(folder, withoutSymbols);
        nvml = compiled;
        return compiled;
    }

    private static ProbeBench bench(ScriptedNvml driver) {
        return ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
    }

    @AfterEach
    void nothingForbiddenWasDone() {
        if (nvml != null) {
            assertThat(nvml.faults()).isEmpty();
        }
    }

    @Test
    void everyCounterIsReadInItsUnit_whenTheDriverHasItsField() {
        ScriptedNvml driver = driver().script(
                        "field * 83 123456789",
                        "field * 74 1500000000",
                        "field * 270 40000000",
                        "field * 3 7",
                        "field * 4 2",
                        "field * 38 1",
                        "field * 45 2",
                        "field * 52 3",
                        "field * 59 4",
                        "field * 94 5 u32",
                        "field * 197 1000",
                        "field * 198 2000",
                        "field * 138@all 10",
                        "field * 139@all 20",
                        "field * 142 6 u32",
                        "field * 143 1 u32",
                        "field * 144 3 u32",
                        "field * 145 1 u32",
                        "field * 29 8 u32",
                        "field * 30 9 u32",
                        "field * 31 1 u32",
                        "field * 82 91 u32",
                        "gpu * margin_c=-3 sram_corrected=11 sram_parity=12 sram_sec_ded=13 sram_threshold=1");

        GpuPoll poll = bench(driver).beat().getFirst();

        assertThat(value(poll, "gpu.energy")).isEqualTo(123_456.789);
        assertThat(value(poll, "gpu.throttle", "sw_power_cap")).isEqualTo(1.5);
        assertThat(value(poll, "gpu.throttle", "hw_thermal")).isEqualTo(0.04);
        assertThat(value(poll, "gpu.throttle", "hw_power_brake")).isZero();
        assertThat(value(poll, "gpu.ecc.errors", "corrected")).isEqualTo(7);
        assertThat(value(poll, "gpu.ecc.errors", "uncorrected")).isEqualTo(2);
        assertThat(value(poll, "gpu.nvlink.errors", "crc_flit")).isEqualTo(1);
        assertThat(value(poll, "gpu.nvlink.errors", "crc_data")).isEqualTo(2);
        assertThat(value(poll, "gpu.nvlink.errors", "replay")).isEqualTo(3);
        assertThat(value(poll, "gpu.nvlink.errors", "recovery")).isEqualTo(4);
        assertThat(value(poll, "gpu.pcie.replays")).isEqualTo(5);
        assertThat(value(poll, "gpu.pcie.bytes", "tx")).isEqualTo(1000);
        assertThat(value(poll, "gpu.pcie.bytes", "rx")).isEqualTo(2000);
        assertThat(value(poll, "gpu.nvlink.bytes", "tx")).isEqualTo(10 * 1024);
        assertThat(value(poll, "gpu.nvlink.bytes", "rx")).isEqualTo(20 * 1024);
        assertThat(value(poll, "gpu.rows.remapped", "corrected")).isEqualTo(6);
        assertThat(value(poll, "gpu.rows.remapped", "uncorrected")).isEqualTo(1);
        assertThat(value(poll, "gpu.rows.pending")).isEqualTo(1);
        assertThat(value(poll, "gpu.rows.failed")).isEqualTo(1);
        assertThat(value(poll, "gpu.pages.retired", "corrected")).isEqualTo(8);
        assertThat(value(poll, "gpu.pages.retired", "uncorrected")).isEqualTo(9);
        assertThat(value(poll, "gpu.pages.pending")).isEqualTo(1);
        assertThat(value(poll, "gpu.temperature.memory")).isEqualTo(91);
        assertThat(value(poll, "gpu.temperature.margin")).isEqualTo(-3);
        assertThat(value(poll, "gpu.ecc.sram.errors", "corrected")).isEqualTo(11);
        assertThat(value(poll, "gpu.ecc.sram.errors", "parity")).isEqualTo(12);
        assertThat(value(poll, "gpu.ecc.sram.errors", "uncorrected")).isEqualTo(13);
        assertThat(value(poll, "gpu.ecc.sram.threshold_exceeded")).isEqualTo(1);
        assertThat(poll.verdict().state()).isEqualTo(State.FAILING);
        assertThat(poll.verdict().evidence())
                .contains(
                        "a memory row could not be remapped",
                        "more SRAM errors than NVIDIA allows",
                        "a memory row waits to be remapped",
                        "a memory page waits to be retired",
                        "at its slowdown temperature (margin -3 °C)");
    }

    @Test
    void olderCallsStandIn_whenTheDriverHasNoSuchFields() {
        ScriptedNvml driver = driver("nvmlDeviceGetFieldValues")
                .script(
                        "cuda 12020",
                        "gpu * energy_mj=5000 ecc_corrected=1 ecc_uncorrected=2 replays=3 violation_ns=250000000",
                        "gpu * rows_corrected=4 rows_uncorrected=5 rows_pending=1 pages_pending=0");

        GpuPoll poll = bench(driver).beat().getFirst();

        assertThat(value(poll, "gpu.energy")).isEqualTo(5);
        assertThat(value(poll, "gpu.ecc.errors", "corrected")).isEqualTo(1);
        assertThat(value(poll, "gpu.ecc.errors", "uncorrected")).isEqualTo(2);
        assertThat(value(poll, "gpu.pcie.replays")).isEqualTo(3);
        assertThat(value(poll, "gpu.rows.remapped", "corrected")).isEqualTo(4);
        assertThat(value(poll, "gpu.rows.remapped", "uncorrected")).isEqualTo(5);
        assertThat(value(poll, "gpu.rows.pending")).isEqualTo(1);
        assertThat(value(poll, "gpu.rows.failed")).isZero();
        assertThat(value(poll, "gpu.pages.pending")).isZero();
        assertThat(value(poll, "gpu.throttle", "sw_power_cap")).isEqualTo(0.25);
        assertThat(value(poll, "gpu.throttle", "sw_thermal")).isEqualTo(0.25);
        assertThat(reading(poll, "gpu.throttle", "hw_thermal")).isEqualTo(UNSUPPORTED);
        assertThat(reading(poll, "gpu.temperature.memory")).isEqualTo(UNSUPPORTED);
        assertThat(reading(poll, "gpu.nvlink.errors", "replay")).isEqualTo(UNSUPPORTED);
        assertThat(poll.verdict().state()).isEqualTo(State.DEGRADED);
        assertThat(poll.verdict().reason()).isEqualTo("a memory row waits to be remapped");
    }

    @Test
    void linksThatAreUpAreCounted_andThoseTheGpuLacksAreAskedOnce() {
        ScriptedNvml driver = driver().script("field * 165@0 1 u32", "field * 165@1 0 u32", "field * 165@5 1 u32");
        ProbeBench bench = bench(driver);

        GpuPoll first = bench.beat().getFirst();
        driver.script("field * 165@0 0 u32", "field * 165@1 0 u32", "field * 165@5 1 u32");
        GpuPoll down = bench.beatUntil("read again", poll -> has(poll, "gpu.nvlink.links"));

        assertThat(value(first, "gpu.nvlink.links")).isEqualTo(2);
        assertThat(first.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(value(down, "gpu.nvlink.links")).isEqualTo(1);
        assertThat(down.verdict().reason()).isEqualTo("1 of 2 NVLink links are up");
    }

    @Test
    void fieldsOfAPollAreOneCall_andTheUnsupportedAreLeftOutOfTheNext() {
        ScriptedNvml driver = driver().script("field * 82 ret=3", "field * 83 ret=2");
        ProbeBench bench = bench(driver);

        List<GpuPoll> polls = bench.beats(4);

        assertThat(driver.calls("nvmlDeviceGetFieldValues")).isEqualTo(4);
        assertThat(polls)
                .allSatisfy(poll ->
                        assertThat(reading(poll, "gpu.temperature.memory")).isEqualTo(UNSUPPORTED));
        assertThat(value(polls.getLast(), "gpu.energy")).as("by the older call").isZero();
    }

    @Test
    void powerBrakeOfFortyMillisecondsIsSeen_whenNoPollFallsInIt() {
        ScriptedNvml driver = driver().script("ring * power 1000:400000", "gpu * power_mw=400000");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script(
                "ring * power 1000:400000 1020:401000 1040:130000 1060:398000",
                "gpu * power_mw=400000",
                "field * 271 40000000");
        GpuPoll poll = bench.beat().getFirst();

        assertThat(reading(poll, "gpu.power")).isEqualTo(new Reading.Value<>(Samples.of(401, 130, 398, 400)));
        assertThat(value(poll, "gpu.throttle", "hw_power_brake")).isEqualTo(0.04);
    }

    @Test
    void instantPowerStandsIn_whenTheDriverGivesNoMean() {
        ScriptedNvml driver = driver("nvmlDeviceGetPowerUsage").script("field * 186 321000 u32");

        GpuPoll poll = bench(driver).beat().getFirst();

        assertThat(value(poll, "gpu.power")).isEqualTo(321);
    }

    @Test
    void thermalCountersAreThoseOfTheOlderNumbers_whenTheDriverIsOfTheTimeOfTheirRenumbering() {
        ScriptedNvml driver = driver().script(
                        "cuda 12090", "field * 251 1000000000", "field * 252 0", "field * 253 0", "field * 269 7 u32");

        GpuPoll poll = bench(driver).beat().getFirst();

        assertThat(value(poll, "gpu.throttle", "sw_thermal")).isEqualTo(1);
    }

    @Test
    void counterIsNotBelieved_whenItHasThirtyTwoBitsOrOutrunsTime() {
        ScriptedNvml driver =
                driver().script("cuda 13000", "field * 251 1 u32", "field * 269 0", "gpu * violation_ns=0");
        ProbeBench bench = bench(driver);

        GpuPoll byNewNumber = bench.beat().getFirst();
        driver.script(
                "cuda 13000",
                "field * 251 1 u32",
                "field * 269 5000000000",
                "gpu * violation_ns=20000000",
                "field * 74 900000000");
        GpuPoll byPolicy = bench.beat().getFirst();

        assertThat(value(byNewNumber, "gpu.throttle", "sw_thermal")).isZero();
        assertThat(value(byPolicy, "gpu.throttle", "sw_thermal"))
                .as("5 s in 1 s is no time, so the older call is asked")
                .isEqualTo(0.02, within(1e-9));
        assertThat(value(byPolicy, "gpu.throttle", "sw_power_cap")).isEqualTo(0.9);
    }

    @Test
    void thermalCountersAreUnsupported_whenTheDriverIsOlderThanThem() {
        ScriptedNvml driver =
                driver("nvmlDeviceGetViolationStatus").script("cuda 12080", "field * 251 1", "field * 269 1");

        GpuPoll poll = bench(driver).beat().getFirst();

        assertThat(List.of("sw_thermal", "hw_thermal", "hw_power_brake"))
                .allSatisfy(reason ->
                        assertThat(reading(poll, "gpu.throttle", reason)).isEqualTo(UNSUPPORTED));
    }

    @Test
    void linksAndHealthAreReadAtTheirOwnPace_andAllAtOnceWhenTheGpuComesBack() {
        ScriptedNvml driver = driver().script("");
        ProbeBench bench = bench(driver);

        List<GpuPoll> polls = bench.beats(21);
        driver.script("call * ret=15");
        bench.beats(2);
        driver.script("");
        GpuPoll back = bench.beatUntil("up", poll -> value(poll, "gpu.up") == 1);

        assertThat(polls.stream().filter(poll -> has(poll, "gpu.pcie.bytes")))
                .extracting(GpuPoll::at)
                .containsExactlyElementsOf(seconds(0, 5, 10, 15, 20));
        assertThat(polls.stream().filter(poll -> has(poll, "gpu.ecc.errors")))
                .extracting(GpuPoll::at)
                .containsExactlyElementsOf(seconds(0, 10, 20));
        assertThat(bench.probe().fleet().gpus().getFirst().readings())
                .extracting(latest -> latest.reading().field())
                .containsAll(GpuFields.all());
        assertThat(has(back, "gpu.ecc.errors")).isTrue();
    }

    private static boolean has(GpuPoll poll, String metric) {
        return poll.readings().stream()
                .anyMatch(reading -> reading.field().metric().equals(metric));
    }

    private static List<Instant> seconds(int... seconds) {
        return Arrays.stream(seconds)
                .mapToObj(second -> ProbeBench.START.plus(Duration.ofSeconds(second)))
                .toList();
    }

    @Test
    void slowReadingsAreFailedToo_whenTheGpuIsLostBetweenThem() {
        ScriptedNvml driver = driver().script("");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("call * ret=15");
        GpuPoll lost = bench.beat().getFirst();

        assertThat(lost.readings())
                .filteredOn(reading -> !reading.field().equals(GpuFields.UP))
                .extracting(FieldReading::reading)
                .containsOnly(new Reading.Failed<>(15));
        assertThat(has(lost, "gpu.ecc.errors")).isTrue();
    }
}
