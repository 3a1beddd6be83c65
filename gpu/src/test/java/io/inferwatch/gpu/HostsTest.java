package io.inferwatch.gpu;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts of every size, and cards whose names are not as they should be, through a real C library. */
class HostsTest {
    private final ScriptedNvml driver;
    private final ProbeBench bench;

    HostsTest(@TempDir Path folder) {
        this.driver = ScriptedNvml.compile(folder);
        this.bench = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
    }

    @AfterEach
    void nothingForbiddenWasDone() {
        assertThat(driver.faults()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 8, 16})
    void everyGpuIsRead_whateverTheirNumber(int gpus) {
        driver.script("gpus " + gpus, "gpu * power_mw=300000", "gpu " + (gpus - 1) + " power_mw=123000");

        List<GpuPoll> polls = bench.beats(2);

        assertThat(bench.probe().fleet().gpus()).hasSize(gpus).allMatch(GpuFleet.Gpu::isPresent);
        assertThat(ProbeBench.value(polls.getLast(), "gpu.power")).isEqualTo(123);
        assertThat(polls.getLast().gpu().index()).isEqualTo(gpus - 1);
    }

    @Test
    void noneIsNoTrouble() {
        driver.script("gpus 0");

        assertThat(bench.beats(3)).isEmpty();
        assertThat(bench.probe().fleet().gpus()).isEmpty();
        assertThat(bench.probe().fleet().reason()).isEmpty();
    }

    @Test
    void nameIsReadAsFarAsItIsText_whenItIsNoUtf8() {
        driver.script(ISO_8859_1, "gpu 0 name=\"NVIDIA \u00e9\u00ff card\"");

        GpuPoll poll = bench.beat().getFirst();

        assertThat(poll.gpu().name()).isEqualTo("NVIDIA \ufffd\ufffd card");
        assertThat(poll.verdict().state()).isEqualTo(GpuVerdict.State.HEALTHY);
    }

    @Test
    void nameEndsWithItsBuffer_whenItIsNotTerminated() {
        driver.script("gpu 0 name=unterminated");

        assertThat(bench.beat().getFirst().gpu().name()).isEqualTo("x".repeat(96));
    }
}
