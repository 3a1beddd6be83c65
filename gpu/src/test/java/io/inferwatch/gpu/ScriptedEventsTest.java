package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** XIDs, recovery actions and releases of a real C library, beat by beat. */
class ScriptedEventsTest {
    private static final String FIRST = "GPU-00000000-0000-0000-0000-000000000000";
    private static final String SECOND = "GPU-00000000-0000-0000-0000-000000000001";

    private final Path folder;
    private @Nullable ScriptedNvml nvml;

    ScriptedEventsTest(@TempDir Path folder) {
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

    private static GpuPoll of(List<GpuPoll> polls, String uuid) {
        return polls.stream()
                .filter(poll -> poll.gpu().uuid().equals(uuid))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @AfterEach
    void nothingForbiddenWasDone() {
        if (nvml != null) {
            assertThat(nvml.faults()).isEmpty();
        }
    }

    @Test
    void xidIsToldOnceAndFailsItsGpuWithinTwoBeats_whenTheDriverReportsIt() {
        ScriptedNvml driver = driver().script("gpus 2");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 2", "xid 1 79");
        List<GpuPoll> polls = bench.beats(2);
        bench.beats(3);

        assertThat(bench.xids()).singleElement().satisfies(event -> {
            assertThat(event.gpu().uuid()).isEqualTo(SECOND);
            assertThat(event.xid()).isEqualTo(79);
            assertThat(event.gpuInstance()).isEmpty();
            assertThat(event.at()).isEqualTo(ProbeBench.START.plusSeconds(2));
        });
        GpuVerdict verdict = of(polls, SECOND).verdict();
        assertThat(verdict.state()).isEqualTo(State.FAILING);
        assertThat(verdict.reason()).isEqualTo("XID 79 (GPU has fallen off the bus)");
        assertThat(verdict.action()).contains("reboot the node");
        assertThat(verdict.evidence())
                .containsExactly("XID 79 (GPU has fallen off the bus) at " + ProbeBench.START.plusSeconds(2));
        assertThat(of(polls, FIRST).verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(bench.probe().fleet().gpus().get(1).xids()).hasSize(1);
    }

    @Test
    void everyXidOfABurstIsTold_whenFiftyComeAtOnce() {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 1", "xid 0 31 times=50 gi=3", "xid 0 999");
        List<GpuPoll> polls = bench.beats(2);

        assertThat(bench.xids()).hasSize(51);
        assertThat(bench.xids().subList(0, 50)).allSatisfy(event -> {
            assertThat(event.xid()).isEqualTo(31);
            assertThat(event.gpuInstance()).isEqualTo(OptionalInt.of(3));
        });
        assertThat(bench.xids().getLast().xid()).isEqualTo(999);
        assertThat(of(polls, FIRST).verdict().state()).isEqualTo(State.DEGRADED);
    }

    @Test
    void applicationFaultIsForgivenAfterTenMinutes_whenNothingFollows() {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 1", "xid 0 94");
        GpuPoll soon = bench.beats(2).getLast();
        bench.pass(Duration.ofMinutes(10));
        GpuPoll later = bench.beat().getLast();

        assertThat(soon.verdict().state()).isEqualTo(State.DEGRADED);
        assertThat(soon.verdict().action()).isEqualTo("restart the program that used the GPU");
        assertThat(later.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(later.verdict().evidence()).isEmpty();
    }

    @Test
    void failingXidStandsUntilTheDriverIsReloaded_whenTheDriverKnowsNoRecoveryAction() {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 1", "xid 0 119");
        bench.beats(2);
        bench.pass(Duration.ofHours(1));
        GpuPoll anHourLater = bench.beat().getLast();
        driver.script("load 2", "gpus 1");
        GpuPoll reloaded = bench.beats(4).getLast();

        assertThat(anHourLater.verdict().state()).isEqualTo(State.FAILING);
        assertThat(reloaded.generation()).isEqualTo(2);
        assertThat(reloaded.verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void recoveryActionIsTheVerdict_whileTheDriverAsksForOne() {
        ScriptedNvml driver = driver().script("gpus 1", "field 0 230 1 u32");
        ProbeBench bench = bench(driver);

        GpuPoll asking = bench.beats(2).getLast();
        driver.script("gpus 1", "field 0 230 0 u32");
        GpuPoll done = bench.beat().getLast();

        assertThat(asking.verdict().state()).isEqualTo(State.FAILING);
        assertThat(asking.verdict().reason()).isEqualTo("the driver asks for recovery: GPU reset");
        assertThat(asking.verdict().action()).contains("nvidia-smi --gpu-reset");
        assertThat(value(asking, "gpu.recovery_action")).isEqualTo(1);
        assertThat(done.verdict().state()).isEqualTo(State.HEALTHY);
    }

    @ParameterizedTest
    @ValueSource(ints = {15, 999})
    void waitIsAskedOnceABeat_whenItAnswersWithAnErrorEachTime(int code) {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beats(2);
        long before = driver.calls("nvmlEventSetWait_v2");

        driver.script("gpus 1", "call nvmlEventSetWait_v2 ret=" + code);
        List<GpuPoll> polls = bench.beats(20);

        assertThat(driver.calls("nvmlEventSetWait_v2") - before).isEqualTo(20);
        assertThat(polls.getLast().verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void xidsAreHeardOfAgain_whenTheGpuHasComeBackFromALoss() {
        ScriptedNvml driver = driver().script("gpus 2");
        ProbeBench bench = bench(driver);
        bench.beats(2);
        driver.script("gpus 2", "call * gpu=1 ret=15");
        bench.beats(3);
        driver.script("gpus 2");
        bench.beats(10);
        long registrations = driver.calls("nvmlDeviceRegisterEvents");

        driver.script("gpus 2", "xid 1 48");
        bench.beats(2);

        assertThat(registrations).isEqualTo(3);
        assertThat(bench.xids())
                .singleElement()
                .satisfies(event -> assertThat(event.xid()).isEqualTo(48));
    }

    @Test
    void gpusAreReadAllTheSame_whenTheDriverHasNoEventSet() {
        ProbeBench bench = bench(driver("nvmlEventSetCreate", "nvmlSystemEventSetCreate"));

        List<GpuPoll> polls = bench.beats(3);

        assertThat(polls.getLast().verdict().state()).isEqualTo(State.HEALTHY);
    }

    @Test
    void nothingOfTheDriverIsHeldAndNoGpuIsCalledLost_whileReleased() {
        ScriptedNvml driver = driver().script("gpus 2");
        ProbeBench bench = bench(driver);
        bench.beats(3);

        CompletableFuture<Void> released = bench.probe().release(Duration.ofMinutes(5));
        List<GpuPoll> meanwhile = bench.beats(299);
        GpuFleet fleet = bench.probe().fleet();
        List<GpuPoll> after = bench.beats(4);

        assertThat(released).isCompleted();
        assertThat(meanwhile).isEmpty();
        assertThat(fleet.reason().orElseThrow())
                .isEqualTo("released on request until " + ProbeBench.START.plusSeconds(303));
        assertThat(fleet.gpus()).hasSize(2).allMatch(GpuFleet.Gpu::isPresent);
        assertThat(after).isNotEmpty().allSatisfy(poll -> {
            assertThat(poll.generation()).isEqualTo(2);
            assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
        });
    }

    @Test
    void driverIsLetGoOfAllTheSame_whenTheReleaseIsShorterThanABeat() {
        ScriptedNvml driver = driver().script("gpus 1");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        CompletableFuture<Void> released = bench.probe().release(Duration.ofMillis(100));
        bench.pass(Duration.ofSeconds(1));
        bench.beat();
        int heldWhileReleased = driver.inits();
        GpuPoll after = bench.beats(3).getLast();

        assertThat(released).isCompleted();
        assertThat(heldWhileReleased).isZero();
        assertThat(after.generation()).isEqualTo(2);
    }

    @Test
    void releaseEndsAtOnce_whenAskedForNoTime() {
        ProbeBench bench = bench(driver().script("gpus 1"));
        bench.beats(2);
        CompletableFuture<Void> released = bench.probe().release(Duration.ofHours(1));
        bench.beats(3);
        assertThat(released).isCompleted();

        CompletableFuture<Void> takenUp = bench.probe().release(Duration.ZERO);
        List<GpuPoll> after = bench.beats(2);

        assertThat(takenUp).isCompleted();
        assertThat(after).isNotEmpty();
    }

    @Test
    void driverIsReleased_whenItIsBeingUnbound() {
        ScriptedNvml driver = driver().script("gpus 2");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        driver.script("gpus 2", "unbind 0");
        bench.beats(2);
        int inits = driver.inits();
        String reason = bench.probe().fleet().reason().orElseThrow();
        driver.script("gpus 1");
        List<GpuPoll> after = bench.beats(62);

        assertThat(inits).isZero();
        assertThat(reason).startsWith("released because the driver is being unbound, until ");
        assertThat(of(after, FIRST).verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(of(after, SECOND).verdict().state()).isEqualTo(State.LOST);
    }
}
