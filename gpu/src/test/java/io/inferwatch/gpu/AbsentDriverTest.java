package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host without NVML, for now or for good. */
class AbsentDriverTest {
    private static final Nvml.Opener NONE = () -> new Nvml.Opened.NotFound("libnvidia-ml.so.1 not found");

    private static GpuConfig config(GpuConfig.Enabled enabled, GpuConfig.Expected expected) {
        return new GpuConfig(enabled, "", Duration.ofSeconds(1), Duration.ofSeconds(5), expected);
    }

    @Test
    void fleetExplainsItself_whenThereIsNoLibrary() {
        ProbeBench bench = ProbeBench.inline(GpuConfig.defaults(), NONE);

        assertThat(bench.beats(10)).isEmpty();
        assertThat(bench.probe().fleet().gpus()).isEmpty();
        assertThat(bench.probe().fleet().reason()).contains("libnvidia-ml.so.1 not found");
    }

    @Test
    void gpusAreFoundWithoutARestart_whenTheDriverComesLate(@TempDir Path folder) {
        Nvml.Opener opener = JnaNvml.opener(folder.resolve("libnvidia-ml.so.1").toString());
        ProbeBench bench = ProbeBench.inline(GpuConfig.defaults(), opener);
        List<GpuPoll> before = bench.beats(5);

        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 2");
        List<GpuPoll> after = bench.beats(10);

        assertThat(before).isEmpty();
        assertThat(after).isNotEmpty().allMatch(poll -> poll.verdict().state() == State.HEALTHY);
        assertThat(bench.probe().fleet().reason()).isEmpty();
        assertThat(driver.faults()).isEmpty();
    }

    @Test
    void triesGetRarer_whileThereIsNoLibrary() {
        int[] tries = new int[1];
        ProbeBench bench = ProbeBench.inline(GpuConfig.defaults(), () -> {
            tries[0]++;
            return NONE.open();
        });

        bench.beats(600);

        assertThat(tries[0]).isBetween(10, 20);
    }

    @Test
    void expectedGpusAreDown_whenThereIsNoLibrary() {
        ProbeBench bench = ProbeBench.inline(config(GpuConfig.Enabled.AUTO, new GpuConfig.Expected.Count(2)), NONE);

        List<GpuPoll> polls = bench.beat();

        assertThat(polls).hasSize(2).allSatisfy(poll -> {
            assertThat(poll.verdict().reason()).isEqualTo("libnvidia-ml.so.1 not found");
            assertThat(value(poll, "gpu.up")).isZero();
        });
    }

    @Test
    void nothingIsAsked_whenSwitchedOff() {
        GpuProbe probe = new GpuProbe(
                config(GpuConfig.Enabled.FALSE, new GpuConfig.Expected.Auto()),
                () -> {
                    throw new AssertionError("asked");
                },
                InstantSource.system(),
                System::nanoTime,
                poll -> {});

        probe.start();

        assertThat(probe.awaitFirstWord(Duration.ZERO)).isTrue();
        assertThat(probe.fleet().reason()).contains("switched off by gpu.enabled: false");
        probe.stop();
    }
}
