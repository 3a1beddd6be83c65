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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Activity inside the GPU, by GPM where it has it, through a real C library that faults two threads in GPM at once. */
class GpmTest {
    private static final String HOPPER = "gpu * gpm_supported=1 utilization=100";
    private static final List<String> ACTIVITY =
            List.of("gpu.sm.occupancy", "gpu.tensor.active", "gpu.dram.active", "gpu.graphics.active");

    private final ScriptedNvml driver;

    GpmTest(@TempDir Path folder) {
        this.driver = ScriptedNvml.compile(folder);
    }

    @AfterEach
    void nothingForbiddenWasDone() {
        assertThat(driver.faults()).isEmpty();
    }

    private ProbeBench bench(Duration interval) {
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO,
                driver.library().toString(),
                interval,
                Duration.ofSeconds(5),
                new GpuConfig.Expected.Auto());
        return ProbeBench.inline(config, JnaNvml.opener(config.library()));
    }

    private ProbeBench bench() {
        return bench(Duration.ofSeconds(1));
    }

    private static Optional<String> sourceOfSm(GpuPoll poll) {
        return poll.readings().stream()
                .filter(reading -> reading.field().metric().equals("gpu.sm.utilization"))
                .findFirst()
                .orElseThrow()
                .source();
    }

    @Test
    void activityIsMeasuredFromPollToPoll_whenTheGpuHasGpm() {
        driver.script(
                HOPPER,
                "gpm * 1 99.5",
                "gpm * 2 41.25",
                "gpm * 3 17",
                "gpm * 5 12.5",
                "gpm * 10 78",
                "gpm * 20 0",
                "gpm * 21 0");
        ProbeBench bench = bench();

        GpuPoll first = bench.beat().getFirst();
        GpuPoll second = bench.beat().getFirst();

        assertThat(reading(first, "gpu.sm.utilization")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(sourceOfSm(first)).contains("gpm");
        assertThat(first.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(value(second, "gpu.sm.utilization")).isEqualTo(41.25);
        assertThat(sourceOfSm(second)).contains("gpm");
        assertThat(value(second, "gpu.utilization")).isEqualTo(100);
        assertThat(value(second, "gpu.graphics.active")).isEqualTo(99.5);
        assertThat(value(second, "gpu.sm.occupancy")).isEqualTo(17);
        assertThat(value(second, "gpu.tensor.active")).isEqualTo(12.5);
        assertThat(value(second, "gpu.dram.active")).isEqualTo(78);
    }

    @Test
    void twoSamplesAreMadeOnceAndChangePlaces_whenPolledOften() {
        driver.script(HOPPER, "gpm * 2 41");
        ProbeBench bench = bench();

        bench.beats(10);

        assertThat(driver.calls("nvmlGpmQueryDeviceSupport")).isEqualTo(1);
        assertThat(driver.calls("nvmlGpmSampleAlloc")).isEqualTo(2);
        assertThat(driver.calls("nvmlGpmSampleGet")).isEqualTo(10);
        assertThat(driver.calls("nvmlGpmMetricsGet")).isEqualTo(9);
    }

    @Test
    void windowThatCouldNotBeMeasuredIsPartOfTheNext_andNoneIsLongerThanTwoMinutes() {
        String[] rates = {HOPPER, "gpm * 2 41", "gpm * 20 3", "field * 197 ret=3"};
        driver.script(rates);
        ProbeBench bench = ProbeBench.inline(
                new GpuConfig(
                        GpuConfig.Enabled.AUTO,
                        "",
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        new GpuConfig.Expected.Auto(),
                        new GpuConfig.Slow(Duration.ofSeconds(1), Duration.ofSeconds(10))),
                JnaNvml.opener(driver.library().toString()));
        GpuPoll before = bench.beats(2).getLast();

        driver.script(HOPPER, "gpm * 20 3", "field * 197 ret=3", "call nvmlGpmMetricsGet ret=999");
        GpuPoll failed = bench.beat().getFirst();
        driver.script(rates);
        GpuPoll after = bench.beat().getFirst();
        driver.script(HOPPER, "gpm * 20 3", "field * 197 ret=3", "call nvmlGpmMetricsGet ret=4");
        bench.beat();
        bench.pass(Duration.ofMinutes(3));
        driver.script(rates);
        GpuPoll anew = bench.beat().getFirst();

        double second = 3.0 * (1 << 20);
        assertThat(value(before, "gpu.pcie.bytes", "tx")).isEqualTo(second);
        assertThat(reading(failed, "gpu.pcie.bytes", "tx")).isEqualTo(new Reading.Failed<Samples>(999));
        assertThat(value(after, "gpu.pcie.bytes", "tx")).isEqualTo(3 * second);
        assertThat(value(after, "gpu.sm.utilization")).isEqualTo(41);
        assertThat(reading(anew, "gpu.sm.utilization")).isEqualTo(new Reading.Stale<Samples>());
    }

    @Test
    void noWindowIsShorterThanTheDriverAllows_whenPollsComeFaster() {
        driver.script(HOPPER, "gpm * 2 41");
        ProbeBench bench = bench(Duration.ofMillis(100));

        List<GpuPoll> polls = bench.beats(5);

        assertThat(polls)
                .extracting(
                        poll -> reading(poll, "gpu.sm.utilization").getClass().getSimpleName())
                .containsExactly("Stale", "Stale", "Value", "Stale", "Value");
    }

    @Test
    void smUtilizationIsNvmlsAndSaysSo_whenTheGpuHasNoGpm() {
        driver.script("gpu 0 gpm_supported=0 utilization=37");
        ProbeBench bench = bench();

        List<GpuPoll> polls = bench.beats(3);

        assertThat(polls).allSatisfy(poll -> {
            assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(37);
            assertThat(sourceOfSm(poll)).contains("nvml");
            assertThat(ACTIVITY)
                    .allSatisfy(
                            metric -> assertThat(reading(poll, metric)).isEqualTo(new Reading.Unsupported<Samples>()));
        });
        assertThat(driver.calls("nvmlGpmQueryDeviceSupport")).isEqualTo(1);
        assertThat(driver.calls("nvmlGpmSampleAlloc")).isZero();
    }

    @Test
    void smUtilizationIsNvmls_whenTheDriverLacksGpmAltogether(@TempDir Path other) {
        ScriptedNvml older = ScriptedNvml.compile(other, "GPM").script("gpu 0 utilization=37");
        ProbeBench bench = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(older.library().toString()));

        GpuPoll poll = bench.beats(2).getLast();

        assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(37);
        assertThat(sourceOfSm(poll)).contains("nvml");
        assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(older.faults()).isEmpty();
    }

    @Test
    void eachMetricHasItsOwnAnswer_whenSomeFailOrAreNotNumbers() {
        driver.script(HOPPER, "gpm * 2 41", "gpm * 3 nan", "gpm * 5 ret=3", "gpm * 10 4294967295", "gpm * 1 ret=21");
        ProbeBench bench = bench();
        bench.beat();

        GpuPoll poll = bench.beat().getFirst();

        assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(41);
        assertThat(reading(poll, "gpu.sm.occupancy")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(reading(poll, "gpu.tensor.active")).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(reading(poll, "gpu.dram.active")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(reading(poll, "gpu.graphics.active")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(poll.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(bench.probe().stats().garbageReadings())
                .containsEntry("gpu.sm.occupancy", 1L)
                .containsEntry("gpu.dram.active", 1L);
    }

    @Test
    void activityIsForbiddenAndTheRestGoesOn_whenPermissionForGpmIsRevoked() {
        driver.script(HOPPER, "gpm * 2 41");
        ProbeBench bench = bench();
        bench.beats(2);

        driver.script(HOPPER, "gpm * 2 41", "call nvmlGpmSampleGet ret=4");
        GpuPoll refused = bench.beat().getFirst();
        driver.script(HOPPER, "gpm * 2 43");
        GpuPoll allowed = bench.beat().getFirst();

        assertThat(reading(refused, "gpu.sm.utilization")).isEqualTo(new Reading.NoPermission<Samples>());
        assertThat(sourceOfSm(refused)).contains("gpm");
        assertThat(value(refused, "gpu.utilization")).isEqualTo(100);
        assertThat(refused.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(value(allowed, "gpu.sm.utilization")).isEqualTo(43);
    }

    @Test
    void bytesAreWhatTheRatesAddUpTo_whenTheDriverCountsNone() {
        driver.script(
                HOPPER,
                "field * 197 ret=3",
                "field * 198 12345 u32",
                "field * 138@all ret=3",
                "gpm * 20 3",
                "gpm * 21 nan",
                "gpm * 60 5",
                "gpm * 61 7");
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO,
                driver.library().toString(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                new GpuConfig.Expected.Auto(),
                new GpuConfig.Slow(Duration.ofSeconds(1), Duration.ofSeconds(1)));
        ProbeBench bench = ProbeBench.inline(config, JnaNvml.opener(config.library()));

        GpuPoll poll = bench.beats(5).getLast();

        assertThat(value(poll, "gpu.pcie.bytes", "tx")).isEqualTo(4 * 3 * 1024 * 1024);
        assertThat(value(poll, "gpu.pcie.bytes", "rx")).isZero();
        assertThat(value(poll, "gpu.nvlink.bytes", "tx")).isEqualTo(4 * 7 * 1024 * 1024);
        assertThat(value(poll, "gpu.nvlink.bytes", "rx"))
                .as("this one the driver counts")
                .isZero();
    }

    /** On the probe's own threads: eight at once would be eight in GPM but for the gate. */
    @Test
    void oneThreadIsInGpmAtATime_whenManyGpusArePolled() {
        driver.script("gpus 8", HOPPER, "gpm * 2 41", "call nvmlGpmSampleGet delay_ms=2");
        ProbeBench bench = ProbeBench.threaded(GpuConfig.defaults(), driver);

        List<GpuPoll> polls = bench.beats(6);
        bench.probe().stop();

        assertThat(polls.subList(polls.size() - 8, polls.size()))
                .allSatisfy(
                        poll -> assertThat(value(poll, "gpu.sm.utilization")).isEqualTo(41));
    }

    @Test
    void othersAreMeasuredOn_whenAThreadHangsInGpm() {
        driver.script("gpus 3", HOPPER, "gpm * 2 41");
        ProbeBench bench = ProbeBench.threaded(GpuConfig.defaults(), driver);
        bench.beats(4);

        driver.script("gpus 3", HOPPER, "gpm * 2 41", "call nvmlGpmSampleGet gpu=1 hang");
        GpuPoll hung = bench.beatUntil("unresponsive", poll -> poll.verdict().state() == State.DRIVER_UNRESPONSIVE);
        GpuPoll other = bench.beatUntil(
                "GPU 2 measured",
                poll -> poll.gpu().index() == 2
                        && poll.at().isAfter(hung.at())
                        && reading(poll, "gpu.sm.utilization") instanceof Reading.Value);
        driver.script("gpus 3", HOPPER, "gpm * 2 41");
        GpuPoll back = bench.beatUntil(
                "GPU 1 measured again",
                poll -> poll.gpu().index() == 1 && reading(poll, "gpu.sm.utilization") instanceof Reading.Value);
        bench.probe().stop();

        assertThat(hung.gpu().index()).isEqualTo(1);
        assertThat(hung.verdict().reason()).isEqualTo("nvmlGpmSampleGet did not return within 5000 ms");
        assertThat(other.verdict().state()).isEqualTo(State.HEALTHY);
        assertThat(back.verdict().state()).isEqualTo(State.HEALTHY);
    }
}
