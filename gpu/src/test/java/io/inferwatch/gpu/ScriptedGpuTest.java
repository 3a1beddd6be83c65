package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.reading;
import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe, the JNA binding and a real C library, beat by beat. */
class ScriptedGpuTest {
    private final Path folder;
    private @Nullable ScriptedNvml nvml;

    ScriptedGpuTest(@TempDir Path folder) {
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
    void everyFieldIsReadInItsUnit_whenTheGpuAnswers() {
        ScriptedNvml driver = driver().script(
                        "driver 570.86.15",
                        "gpus 2",
                        "gpu 1 uuid=GPU-one name=\"NVIDIA H100 80GB HBM3\" utilization=97 copy_utilization=41",
                        "gpu 1 power_mw=412345 limit_mw=700000 temperature_c=61 sm_mhz=1980 memory_mhz=2619",
                        "gpu 1 total=85899345920 used=80000000000 reserved=600000000");
        ProbeBench bench = bench(driver);

        List<GpuPoll> polls = bench.beat();

        assertThat(polls).hasSize(2);
        GpuPoll poll = polls.get(1);
        assertThat(poll.gpu()).isEqualTo(new GpuIdentity(1, "GPU-one", "NVIDIA H100 80GB HBM3"));
        assertThat(poll.generation()).isEqualTo(1);
        assertThat(poll.at()).isEqualTo(ProbeBench.START);
        assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(value(poll, "gpu.up")).isEqualTo(1);
        assertThat(value(poll, "gpu.utilization")).isEqualTo(97);
        assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(97);
        assertThat(value(poll, "gpu.memory.copy_utilization")).isEqualTo(41);
        assertThat(value(poll, "gpu.power")).isEqualTo(412.345);
        assertThat(value(poll, "gpu.power.limit")).isEqualTo(700);
        assertThat(value(poll, "gpu.temperature")).isEqualTo(61);
        assertThat(value(poll, "gpu.clock.sm")).isEqualTo(1980);
        assertThat(value(poll, "gpu.clock.memory")).isEqualTo(2619);
        assertThat(value(poll, "gpu.memory.total")).isEqualTo(85_899_345_920.0);
        assertThat(value(poll, "gpu.memory.used")).isEqualTo(80_000_000_000.0);
        assertThat(value(poll, "gpu.memory.reserved")).isEqualTo(600_000_000.0);
        assertThat(poll.readings())
                .filteredOn(reading -> reading.field().metric().equals("gpu.sm.utilization"))
                .extracting(FieldReading::source)
                .containsExactly(Optional.of("nvml"));
        assertThat(bench.probe().fleet().driverVersion()).contains("570.86.15");
        assertThat(bench.probe().fleet().reason()).isEmpty();
    }

    @Test
    void ringGivesEverythingSinceTheLastPollInOrder_whenPolledAgain() {
        ScriptedNvml driver = driver().script("ring * gpu 1000:90 2000:91");
        ProbeBench bench = bench(driver);

        GpuPoll first = bench.beat().getFirst();
        driver.script("ring * gpu 2000:91 4000:70 3000:20 3500:4294967295 5000:80");
        GpuPoll second = bench.beat().getFirst();

        assertThat(reading(first, "gpu.utilization")).isEqualTo(new Reading.Value<>(Samples.of(91)));
        assertThat(reading(second, "gpu.utilization")).isEqualTo(new Reading.Value<>(Samples.of(20, 70, 80)));
        assertThat(bench.probe().stats().garbageReadings()).containsEntry("gpu.utilization", 1L);
    }

    @Test
    void ringOfDoublesIsReadAsSuch_whenTheDriverSaysSo() {
        ProbeBench bench = bench(driver().script("ring * memory double 1000:12.5"));

        GpuPoll poll = bench.beat().getFirst();

        assertThat(value(poll, "gpu.memory.copy_utilization")).isEqualTo(12.5);
    }

    @Test
    void utilizationComesFromTheRates_whenTheRingIsEmpty() {
        ProbeBench bench = bench(driver().script("gpu 0 utilization=7", "ring * gpu empty", "ring * memory empty"));

        GpuPoll poll = bench.beat().getFirst();

        assertThat(value(poll, "gpu.utilization")).isEqualTo(7);
        assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void olderCallsStandIn_whenTheDriverLacksTheNewSymbols() {
        ScriptedNvml driver = driver(
                        "nvmlDeviceGetMemoryInfo_v2",
                        "nvmlDeviceGetSamples",
                        "nvmlDeviceGetEnforcedPowerLimit",
                        "nvmlDeviceGetTemperature",
                        "nvmlDeviceGetTemperatureV")
                .script("gpu 0 utilization=33 used=1000 reserved=500 limit_mw=350000");
        ProbeBench bench = bench(driver);

        GpuPoll poll = bench.beat().getFirst();

        assertThat(value(poll, "gpu.utilization")).isEqualTo(33);
        assertThat(value(poll, "gpu.memory.used")).isEqualTo(1500);
        assertThat(value(poll, "gpu.power.limit")).isEqualTo(350);
        assertThat(reading(poll, "gpu.memory.reserved")).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(reading(poll, "gpu.temperature")).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void unsupportedFieldIsAskedOnce_whenTheGpuCannotAnswerIt() {
        ScriptedNvml driver = driver().script("call nvmlDeviceGetPowerUsage ret=3");
        ProbeBench bench = bench(driver);

        List<GpuPoll> polls = bench.beats(5);

        assertThat(polls).hasSize(5).allSatisfy(poll -> {
            assertThat(reading(poll, "gpu.power")).isEqualTo(new Reading.Unsupported<Samples>());
            assertThat(value(poll, "gpu.temperature")).isEqualTo(55);
            assertThat(value(poll, "gpu.up")).isEqualTo(1);
        });
        assertThat(driver.calls("nvmlDeviceGetPowerUsage")).isEqualTo(1);
        assertThat(driver.calls("nvmlDeviceGetTemperature")).isEqualTo(5);
    }

    @Test
    void refusalIsNoPermissionAndNotALoss_whenTheDriverForbidsEverything() {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beat();

        driver.script("call * ret=4");
        GpuPoll refused = bench.beat().getFirst();
        driver.script("");
        GpuPoll allowed = bench.beat().getFirst();

        assertThat(refused.verdict().state()).isEqualTo(State.DEGRADED);
        assertThat(refused.verdict().action()).contains("restart");
        assertThat(refused.readings())
                .extracting(FieldReading::reading)
                .filteredOn(reading -> !(reading instanceof Reading.Unsupported))
                .hasSizeGreaterThan(20)
                .allMatch(Reading.NoPermission.class::isInstance);
        assertThat(allowed.verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void gpuOfSomeoneElseIsLeftOut_whenTheCountIncludesIt() {
        ProbeBench bench = bench(driver().script("gpus 3", "call nvmlDeviceGetHandleByIndex_v2 gpu=1 ret=4"));

        List<GpuPoll> polls = bench.beats(2);

        assertThat(polls).extracting(poll -> poll.gpu().index()).containsExactly(0, 2, 0, 2);
    }

    @Test
    void lostGpuStaysListedAndComesBack_whenItFallsOffTheBusForAWhile() {
        ScriptedNvml driver = driver().script("gpus 3");
        ProbeBench bench = bench(driver);
        String uuid = bench.beat().get(1).gpu().uuid();

        driver.script("gpus 3", "call * gpu=1 ret=15");
        List<GpuPoll> lost = bench.beats(4);
        GpuFleet whileLost = bench.probe().fleet();
        driver.script("gpus 3");
        List<GpuPoll> back = bench.beats(8);

        assertThat(lost).hasSize(12);
        List<GpuPoll> ofLost =
                lost.stream().filter(poll -> poll.gpu().uuid().equals(uuid)).toList();
        assertThat(ofLost).hasSize(4).allSatisfy(poll -> {
            assertThat(poll.verdict().state()).isEqualTo(State.LOST);
            assertThat(poll.verdict().reason()).contains("15 GPU_IS_LOST");
            assertThat(poll.verdict().since()).isEqualTo(ProbeBench.START.plusSeconds(1));
            assertThat(value(poll, "gpu.up")).isZero();
        });
        assertThat(lost)
                .filteredOn(poll -> poll.gpu().index() != 1)
                .allSatisfy(poll -> assertThat(value(poll, "gpu.up")).isEqualTo(1));
        assertThat(whileLost.gpus()).hasSize(3);
        assertThat(back.getLast().generation()).isEqualTo(1);
        assertThat(back)
                .filteredOn(poll -> poll.gpu().uuid().equals(uuid))
                .hasSize(8)
                .last()
                .satisfies(poll -> assertThat(value(poll, "gpu.up")).isEqualTo(1));
        assertThat(driver.calls("nvmlInit_v2")).isEqualTo(1);
    }

    @Test
    void vanishedGpuIsLostAndKeptByUuid_whenTheDriverListsFewer() {
        ScriptedNvml driver = driver().script("gpus 3");
        ProbeBench bench = bench(driver);
        bench.beat();

        driver.script("gpus 3", "order 0 2");
        List<GpuPoll> polls = bench.beats(3);

        assertThat(polls).hasSize(9);
        assertThat(polls.subList(6, 9))
                .filteredOn(poll -> poll.gpu().index() == 1)
                .singleElement()
                .satisfies(poll -> {
                    assertThat(poll.verdict().state()).isEqualTo(State.LOST);
                    assertThat(poll.verdict().reason()).isEqualTo("the driver no longer lists it");
                });
    }

    @Test
    void newGenerationKeepsTheUuidUnderItsNewIndex_whenTheDriverIsReloaded() {
        ScriptedNvml driver = driver().script("gpus 2", "gpu 0 uuid=GPU-a", "gpu 1 uuid=GPU-b");
        ProbeBench bench = bench(driver);
        bench.beat();

        driver.script("load 2", "gpus 2", "order 1 0", "gpu 0 uuid=GPU-a", "gpu 1 uuid=GPU-b");
        bench.beats(3);
        List<GpuPoll> after = bench.beat();

        assertThat(after).hasSize(2).allSatisfy(poll -> {
            assertThat(poll.generation()).isEqualTo(2);
            assertThat(value(poll, "gpu.up")).isEqualTo(1);
        });
        assertThat(after)
                .extracting(poll -> poll.gpu().index() + poll.gpu().uuid())
                .containsExactly("0GPU-b", "1GPU-a");
        assertThat(bench.probe().fleet().gpus()).hasSize(2);
        assertThat(driver.inits()).isEqualTo(1);
    }

    @Test
    void everyKnownGpuIsDownWithTheReason_whenTheDriverIsUnloadedForAWhile() {
        ScriptedNvml driver = driver().script("gpus 2");
        ProbeBench bench = bench(driver);
        bench.beat();

        driver.script("load 2", "reload_ret 1", "gpus 2", "call nvmlInit_v2 ret=9");
        List<GpuPoll> away = bench.beats(6);
        Optional<String> reason = bench.probe().fleet().reason();
        driver.script("load 2", "gpus 2");
        List<GpuPoll> back = bench.beats(70);

        assertThat(away.subList(away.size() - 2, away.size())).allSatisfy(poll -> {
            assertThat(poll.verdict().state()).isEqualTo(State.LOST);
            assertThat(poll.verdict().reason()).contains("9 DRIVER_NOT_LOADED");
            assertThat(value(poll, "gpu.up")).isZero();
        });
        assertThat(reason).contains("nvmlInit_v2: NVML 9 DRIVER_NOT_LOADED");
        assertThat(back.getLast().verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(back.getLast().generation()).isEqualTo(2);
    }

    @Test
    void libraryIsLoadedAnew_whenTheDriverWasUpgradedUnderIt() {
        ScriptedNvml driver = driver().script("call nvmlInit_v2 ret=18");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 1");
        List<GpuPoll> polls = bench.beats(5);

        assertThat(polls.getLast().verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(bench.probe().fleet().generation()).isEqualTo(1);
    }

    @Test
    void garbageIsDroppedAndCounted_whenTheDriverGivesImpossibleValues() {
        ProbeBench bench = bench(driver().script(
                        "gpu 0 power_mw=0 utilization=4294967295 temperature_c=4294967295", "ring * gpu empty"));

        GpuPoll poll = bench.beat().getFirst();

        assertThat(reading(poll, "gpu.power")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(reading(poll, "gpu.utilization")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(reading(poll, "gpu.temperature")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(bench.probe().stats().garbageReadings()).containsKeys("gpu.power", "gpu.temperature");
    }

    @Test
    void oneFailingFieldDegradesAndNothingMore_whenTheRestAnswers() {
        ProbeBench bench = bench(driver().script("call nvmlDeviceGetPowerUsage ret=4242"));

        GpuPoll poll = bench.beat().getFirst();

        assertThat(reading(poll, "gpu.power")).isEqualTo(new Reading.Failed<Samples>(4242));
        assertThat(poll.verdict().state()).isEqualTo(State.DEGRADED);
        assertThat(poll.verdict().reason()).isEqualTo("gpu.power: NVML 4242");
        assertThat(value(poll, "gpu.up")).isEqualTo(1);
        assertThat(bench.probe().stats().errors()).containsEntry(4242, 1L);
    }

    @Test
    void gpuThatNeverToldItsNameIsDownUnderAStandIn_whenItsHandleFails() {
        ScriptedNvml driver =
                driver().script("gpus 2", "call nvmlDeviceGetHandleByIndex_v2 gpu=1 ret=999", "call * gpu=1 ret=999");
        ProbeBench bench = bench(driver);

        bench.beats(2);
        List<GpuPoll> polls = bench.beat();
        driver.script("gpus 2");
        List<GpuPoll> after = bench.beats(6);

        assertThat(polls)
                .extracting(poll -> poll.gpu().uuid())
                .containsExactlyInAnyOrder("GPU-00000000-0000-0000-0000-000000000000", "unknown-1");
        assertThat(after.subList(after.size() - 2, after.size()))
                .extracting(poll -> poll.gpu().uuid())
                .doesNotContain("unknown-1");
        assertThat(bench.probe().fleet().gpus())
                .hasSize(2)
                .noneMatch(gpu -> gpu.identity().uuid().equals("unknown-1"));
    }

    @Test
    void missingGpuOfTheExpectedCountIsDown_whenTheDriverCountsFewer() {
        ScriptedNvml driver = driver().script("gpus 2");
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO,
                driver.library().toString(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                new GpuConfig.Expected.Count(3));
        ProbeBench bench = ProbeBench.inline(config, JnaNvml.opener(config.library()));

        bench.beat();
        List<GpuPoll> polls = bench.beat();

        assertThat(polls).hasSize(3);
        assertThat(polls.getLast().gpu()).isEqualTo(new GpuIdentity(2, "unknown-2", "unknown"));
        assertThat(value(polls.getLast(), "gpu.up")).isZero();
    }

    @Test
    void callsPerPollStayWithinTheBudget_whenEverythingIsSupported() {
        ScriptedNvml driver = driver().script("ring * gpu 1000:90", "ring * memory 1000:40");
        ProbeBench bench = bench(driver);
        bench.beat();
        long before = calls(bench);

        driver.script("ring * gpu 2000:91", "ring * memory 2000:41");
        bench.beat();

        assertThat(calls(bench) - before).isEqualTo(14); // of them one wait for XIDs and one look for a driver unbind
    }

    private static long calls(ProbeBench bench) {
        return bench.probe().stats().calls().values().stream()
                .mapToLong(GpuStats.Call::count)
                .sum();
    }
}
