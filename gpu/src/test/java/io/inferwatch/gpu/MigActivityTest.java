package io.inferwatch.gpu;

import static io.inferwatch.gpu.ProbeBench.reading;
import static io.inferwatch.gpu.ProbeBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Activity of a divided GPU, instance by instance, through a real C library. */
class MigActivityTest {
    private static final String SM = "gpu.sm.utilization";
    private static final String[] DIVIDED = {
        "gpus 2",
        "gpu * gpm_supported=1 utilization=66",
        "gpm * 2 90",
        "mig 1 uuid=MIG-a gi=7 ci=0 used=5 total=100",
        "mig 1 uuid=MIG-b gi=8 ci=0 used=6 total=200",
        "mig 1 uuid=MIG-c gi=8 ci=1 used=6 total=200",
        "gpm 1 2 41 gi=7",
        "gpm 1 3 11 gi=7",
        "gpm 1 5 12 gi=7",
        "gpm 1 10 13 gi=7",
        "gpm 1 1 14 gi=7",
        "gpm 1 2 52 gi=8"
    };

    private final ScriptedNvml driver;
    private final ProbeBench bench;

    MigActivityTest(@TempDir Path folder) {
        this.driver = ScriptedNvml.compile(folder);
        this.bench = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
    }

    @AfterEach
    void nothingForbiddenWasDoneNorKept() {
        bench.probe().stop();

        assertThat(driver.faults()).isEmpty();
        assertThat(driver.calls("nvmlGpmSampleFree")).isEqualTo(driver.calls("nvmlGpmSampleAlloc"));
    }

    private static String[] and(String... more) {
        return Stream.concat(Stream.of(DIVIDED), Stream.of(more)).toArray(String[]::new);
    }

    /** The last poll of a GPU, once its division is known and a window has passed. */
    private GpuPoll latest(int gpu) {
        return bench.beats(4).stream()
                .filter(poll -> poll.gpu().index() == gpu)
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    /** By GPU instance; the whole is under an empty name. */
    private static Map<String, Reading<Samples>> sm(GpuPoll poll) {
        return poll.readings().stream()
                .filter(reading -> reading.field().metric().equals(SM))
                .collect(Collectors.toMap(
                        reading -> Optional.ofNullable(reading.labels().get(FieldReading.GPU_INSTANCE))
                                .orElse(""),
                        FieldReading::reading));
    }

    @Test
    void eachInstanceTellsItsOwnActivity_whenTheGpuIsDivided() {
        driver.script(DIVIDED);

        GpuPoll divided = latest(1);

        assertThat(sm(divided)).containsOnlyKeys("", "7", "8");
        assertThat(value(divided, SM, "7")).isEqualTo(41);
        assertThat(value(divided, SM, "8")).isEqualTo(52);
        assertThat(value(divided, "gpu.sm.occupancy", "7")).isEqualTo(11);
        assertThat(value(divided, "gpu.tensor.active", "7")).isEqualTo(12);
        assertThat(value(divided, "gpu.dram.active", "7")).isEqualTo(13);
        assertThat(value(divided, "gpu.graphics.active", "7")).isEqualTo(14);
        assertThat(divided.readings())
                .filteredOn(FieldReading::isOfInstance)
                .allMatch(reading -> reading.source().equals(Optional.of("gpm")));
        assertThat(divided.verdict().state()).isEqualTo(GpuVerdict.State.HEALTHY);
    }

    @Test
    void theWholeIsNotToldOnceMore_whenItsInstancesTell() {
        driver.script(and("call nvmlDeviceGetUtilizationRates gpu=1 ret=3", "call nvmlDeviceGetSamples gpu=1 ret=3"));

        GpuPoll divided = latest(1);

        assertThat(reading(divided, SM)).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(reading(divided, "gpu.sm.occupancy")).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(value(latest(0), SM)).as("of the GPU that is not divided").isEqualTo(90);
    }

    @Test
    void theWholeIsTold_whenItsInstancesAreForbidden() {
        driver.script(and("call nvmlGpmMigSampleGet gpu=1 ret=4"));

        GpuPoll divided = latest(1);

        assertThat(value(divided, SM)).isEqualTo(90);
        assertThat(sm(divided).get("7")).isEqualTo(new Reading.NoPermission<Samples>());
    }

    @Test
    void instancesAreUnsupported_whenTheDriverIsOlderThanTheCall(@TempDir Path other) {
        ScriptedNvml older = ScriptedNvml.compile(other, "nvmlGpmMigSampleGet").script(DIVIDED);
        ProbeBench old = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(older.library().toString()));

        List<GpuPoll> polls = old.beats(4);

        assertThat(sm(polls.getLast()).get("8")).isEqualTo(new Reading.Unsupported<Samples>());
        assertThat(value(polls.getLast(), SM)).isEqualTo(90);
        old.probe().stop();
        assertThat(older.faults()).isEmpty();
    }

    @Test
    void garbageOfAnInstanceIsDroppedAndCounted() {
        driver.script(and("gpm 1 2 4294967295 gi=7", "gpm 1 2 nan gi=8"));

        GpuPoll divided = latest(1);

        assertThat(sm(divided).get("7")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(sm(divided).get("8")).isEqualTo(new Reading.Stale<Samples>());
        assertThat(bench.probe().stats().garbageReadings()).containsKey(SM);
    }

    @Test
    void instancesFollowTheDivision_whenItIsMadeAnewAndTakenBack() {
        driver.script(DIVIDED);
        latest(1);

        driver.script("gpus 2", "gpu * gpm_supported=1", "gpm * 2 90", "mig 1 uuid=MIG-d gi=3 ci=0", "gpm 1 2 33 gi=3");
        bench.pass(OccupancyReader.INTERVAL);
        GpuPoll anew = latest(1);
        driver.script("gpus 2", "gpu * gpm_supported=1", "gpm * 2 90");
        bench.pass(OccupancyReader.INTERVAL);
        GpuPoll whole = latest(1);

        assertThat(sm(anew)).containsOnlyKeys("", "3");
        assertThat(value(anew, SM, "3")).isEqualTo(33);
        assertThat(sm(whole)).containsOnlyKeys("");
        assertThat(value(whole, SM)).isEqualTo(90);
        assertThat(bench.probe().fleet().gpus().get(1).readings())
                .as("nothing is left of instances that are gone")
                .noneMatch(latest -> latest.reading().isOfInstance());
    }

    @Test
    void samplesAreGivenBack_whenTheDriverIsLoadedAnewOrLetGo() {
        driver.script(DIVIDED);
        latest(1);

        driver.script(and("load 2"));
        bench.beats(10);
        long freedByReload = driver.calls("nvmlGpmSampleFree");
        CompletableFuture<Void> released = bench.probe().release(Duration.ofMinutes(1));
        bench.beat();

        assertThat(released).isCompleted();
        assertThat(freedByReload).isEqualTo(8);
        assertThat(driver.faults())
                .as("the library tells of samples kept over nvmlShutdown")
                .isEmpty();
    }

    @Test
    void samplesAreGivenBack_whenGpusAreLostAndComeBackOverAndOver() {
        driver.script(DIVIDED);
        latest(1);
        for (int times = 0; times < 3; times++) {
            driver.script(and("call * gpu=1 ret=15"));
            bench.beats(3);
            driver.script(DIVIDED);
            bench.beatUntil(
                    "back", poll -> poll.gpu().index() == 1 && poll.verdict().state() == GpuVerdict.State.HEALTHY);
        }

        assertThat(driver.calls("nvmlGpmSampleAlloc") - driver.calls("nvmlGpmSampleFree"))
                .isLessThanOrEqualTo(8);
    }
}
