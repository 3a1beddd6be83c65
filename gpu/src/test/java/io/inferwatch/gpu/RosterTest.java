package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The GPUs that are expected because they were once seen, over restarts. */
class RosterTest {
    private static final GpuIdentity A = new GpuIdentity(0, "GPU-a", "NVIDIA H200");
    private static final GpuIdentity B = new GpuIdentity(1, "GPU-b", "NVIDIA H200");

    private final Path folder;

    RosterTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private FleetMemory memory() {
        return new FileFleetMemory(folder.resolve("gpus.expected"));
    }

    private ProbeBench restarted(ScriptedNvml driver) {
        return ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()), memory());
    }

    @Test
    void gpuSeenBeforeTheRestartIsMissed_whenTheDriverListsFewer() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 3");
        restarted(driver).beats(2);

        driver.script("gpus 3", "order 0 2");
        ProbeBench bench = restarted(driver);
        bench.beats(2);
        List<GpuPoll> polls = bench.beat();

        assertThat(polls)
                .filteredOn(poll -> poll.gpu().uuid().endsWith("1"))
                .singleElement()
                .satisfies(poll -> {
                    assertThat(poll.gpu().name()).isEqualTo("NVIDIA H200");
                    assertThat(poll.verdict().state()).isEqualTo(State.LOST);
                    assertThat(poll.verdict().reason()).isEqualTo("the driver no longer lists it");
                    assertThat(value(poll, "gpu.up")).isZero();
                });
    }

    @Test
    void everyGpuSeenBeforeIsLost_whenTheDriverIsGoneAtTheRestart() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 2");
        restarted(driver).beats(2);

        driver.script("call nvmlInit_v2 ret=9");
        List<GpuPoll> polls = restarted(driver).beats(2);

        assertThat(polls.subList(polls.size() - 2, polls.size()))
                .extracting(poll -> poll.verdict().state())
                .containsExactly(State.LOST, State.LOST);
    }

    @Test
    void absentGpuIsMissedNoMore_whenThePresentSetWasAccepted() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 3");
        ProbeBench bench = restarted(driver);
        bench.beats(2);
        driver.script("gpus 3", "call * gpu=1 ret=15");
        bench.beats(3);

        String absent = bench.probe().fleet().gpus().get(1).identity().uuid();
        boolean wasKnown = bench.probe().knows(absent);
        List<GpuIdentity> struckOut = bench.probe().accept();
        List<GpuPoll> after = bench.beats(40);
        List<GpuPoll> afterRestart = restarted(driver).beats(3);

        assertThat(wasKnown).isTrue();
        assertThat(bench.probe().knows(absent)).isFalse();
        assertThat(struckOut).extracting(GpuIdentity::index).containsExactly(1);
        assertThat(after).extracting(poll -> poll.gpu().index()).doesNotContain(1);
        assertThat(bench.probe().fleet().gpus()).hasSize(2);
        assertThat(afterRestart).extracting(poll -> poll.gpu().uuid()).noneMatch(uuid -> uuid.endsWith("1"));
    }

    @Test
    void acceptedGpuIsExpectedAgain_whenItComesBack() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 2");
        ProbeBench bench = restarted(driver);
        bench.beats(2);
        driver.script("gpus 2", "call * gpu=1 ret=15");
        bench.beats(2);
        bench.probe().accept();
        driver.script("gpus 2");
        bench.beats(60);

        driver.script("gpus 2", "call * gpu=1 ret=15");
        List<GpuPoll> lost = bench.beats(2);

        assertThat(lost).anyMatch(poll -> poll.verdict().state() == State.LOST);
        assertThat(memory().recall().expected()).hasSize(2);
    }

    @Test
    void acceptingIsRefusedWithTheRemedy_whenTheConfigurationNamesTheExpected() {
        ScriptedNvml driver = ScriptedNvml.compile(folder);
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO,
                driver.library().toString(),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                new GpuConfig.Expected.Count(2));
        GpuProbe probe =
                ProbeBench.inline(config, JnaNvml.opener(config.library())).probe();

        assertThatThrownBy(probe::accept).hasMessageContaining("gpu.expected").hasMessageContaining("auto");
    }

    @Test
    void memoryGivesBackWhatItWasGiven_always() {
        FleetMemory.Remembered gpus = new FleetMemory.Remembered(List.of(A), List.of(B));
        memory().remember(gpus);

        assertThat(memory().recall()).isEqualTo(gpus);
    }

    @Test
    void memoryIsEmptyOrWhatCanBeRead_whenItsFileIsMissingOrDamaged() throws IOException {
        assertThat(memory().recall()).isEqualTo(FleetMemory.Remembered.NOTHING);
        Files.writeString(
                folder.resolve("gpus.expected"),
                "GPU-a\t0\tNVIDIA H200\nGPU-x\tzero\tx\nGPU-y\n\nMIG-1\t1\tx\n" + "z".repeat(10_000));
        assertThat(memory().recall().expected()).containsExactly(A);
        Files.write(folder.resolve("gpus.expected"), new byte[] {(byte) 0xff, (byte) 0xfe, 0});
        assertThat(memory().recall()).isEqualTo(FleetMemory.Remembered.NOTHING);
    }

    @Test
    void watchingGoesOn_whenTheMemoryCannotBeWritten() {
        FleetMemory nowhere = new FileFleetMemory(folder.resolve("no/such/folder/gpus.expected"));

        nowhere.remember(new FleetMemory.Remembered(List.of(A), List.of()));

        assertThat(nowhere.recall()).isEqualTo(FleetMemory.Remembered.NOTHING);
    }

    @Test
    void migDeviceIsNeverExpected_whenItAnswers() {
        Roster roster = new Roster(new GpuConfig.Expected.Auto(), memory());

        roster.answered(new GpuIdentity(0, "MIG-11111111-2222", "NVIDIA H100 MIG 1g.10gb"));
        roster.answered(A);

        assertThat(memory().recall().expected()).containsExactly(A);
    }
}
