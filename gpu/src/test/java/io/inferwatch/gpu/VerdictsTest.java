package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedCard;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever befalls the driver of a host with three GPUs while it is read, GPU 1 has the verdict for it within two intervals,
 * and the others theirs as before.
 */
class VerdictsTest {
    private static final int INTERVALS = 2;

    private final Path folder;

    VerdictsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private static Arguments befalls(String what, State verdict, String... lines) {
        return arguments(what, verdict, List.of(lines));
    }

    static Stream<Arguments> behaviours() {
        return Stream.of(
                befalls("a reading is not supported", State.HEALTHY, "call nvmlDeviceGetPowerUsage gpu=1 ret=3"),
                befalls("lost", State.LOST, "call * gpu=1 ret=15"),
                befalls("reset required", State.LOST, "call * gpu=1 ret=16"),
                befalls("interrupt trouble", State.LOST, "call * gpu=1 ret=11"),
                befalls("power cable off", State.LOST, "call * gpu=1 ret=8"),
                befalls("InfoROM damaged", State.LOST, "call * gpu=1 ret=14"),
                befalls("nothing but unknown errors", State.LOST, "call * gpu=1 ret=999"),
                befalls("no longer listed", State.LOST, "order 0 2"),
                befalls("listed in another order", State.HEALTHY, "order 2 1 0"),
                befalls("XID 79", State.FAILING, "xid 1 79"),
                befalls("XID 48", State.FAILING, "xid 1 48"),
                befalls("XID 94", State.DEGRADED, "xid 1 94"),
                befalls("an XID the driver does not know", State.DEGRADED, "xid 1 999"),
                befalls("fifty XIDs", State.DEGRADED, "xid 1 31 times=50"),
                befalls("an XID that NVIDIA ignores", State.HEALTHY, "xid 1 43"),
                befalls("waits for events that fail", State.HEALTHY, "call nvmlEventSetWait_v2 ret=999"),
                befalls("GPU reset asked for", State.FAILING, "field 1 230 1 u32"),
                befalls("node reboot asked for", State.FAILING, "field 1 230 2 u32"),
                befalls("draining P2P asked for", State.DEGRADED, "field 1 230 3 u32"),
                befalls("at its slowdown temperature", State.DEGRADED, "gpu 1 margin_c=0"),
                befalls(
                        "a list of processes that grows",
                        State.HEALTHY,
                        "process 1 pid=1 used=5",
                        "hidden_processes 1"),
                befalls("rings empty", State.HEALTHY, "ring 1 gpu empty", "ring 1 memory empty"),
                befalls("rings out of order", State.HEALTHY, "ring 1 gpu 3:50 1:40 2:4294967295 3:50"),
                befalls("rings of doubles", State.HEALTHY, "ring 1 gpu double 1:50.5"),
                befalls("garbage", State.HEALTHY, "gpu 1 power_mw=0 temperature_c=4294967295", "gpm 1 2 nan"),
                befalls("counters from 0", State.HEALTHY, "field 1 83 0", "field 1 94 0 u32"),
                befalls("one field fails", State.DEGRADED, "field 1 82 ret=999"),
                befalls("MIG is switched on", State.HEALTHY, "mig 1 uuid=MIG-a gi=1 ci=0 used=1 total=2"),
                befalls("permission withdrawn", State.DEGRADED, "call * gpu=1 ret=4"),
                befalls("slowed by the power brake for 40 ms", State.HEALTHY, "field 1 271 40000000"),
                befalls("a version word refused", State.DEGRADED, "call nvmlDeviceGetMemoryInfo_v2 gpu=1 ret=1234"));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("behaviours")
    void verdictIsThereWithinTwoIntervals(String what, State verdict, List<String> lines) {
        ScriptedNvml driver =
                ScriptedNvml.compile(folder).script(ScriptedCard.H100_80GB_HBM3.script("gpus 3", "field * 83 9"));
        ProbeBench bench = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
        bench.beats(15);
        assertThat(states(bench)).containsExactly(State.HEALTHY, State.HEALTHY, State.HEALTHY);

        List<String> script = new ArrayList<>(List.of("gpus 3", "field * 83 9"));
        script.addAll(lines);
        driver.script(ScriptedCard.H100_80GB_HBM3.script(script.toArray(String[]::new)));
        bench.beats(INTERVALS);

        assertThat(states(bench)).as(what).containsExactly(State.HEALTHY, verdict, State.HEALTHY);
        assertThat(driver.faults()).isEmpty();
    }

    /** Past the deadline, which is when a call that does not return counts as hung. */
    @Test
    void driverIsUnresponsiveWithinTwoIntervalsOfTheDeadline_whenACallHangs() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 3");
        Duration deadline = Duration.ofSeconds(1);
        GpuConfig config = new GpuConfig(
                GpuConfig.Enabled.AUTO, "", Duration.ofSeconds(1), deadline, new GpuConfig.Expected.Auto());
        ProbeBench bench = ProbeBench.threaded(config, driver);
        bench.beats(4);

        driver.script("gpus 3", "call nvmlDeviceGetPowerUsage gpu=1 hang");
        bench.beats(1 + INTERVALS);
        List<State> whileHung = states(bench);
        driver.script("gpus 3");
        bench.beats(INTERVALS);
        List<State> after = states(bench);
        bench.probe().stop();

        assertThat(whileHung).containsExactly(State.HEALTHY, State.DRIVER_UNRESPONSIVE, State.HEALTHY);
        assertThat(after).containsExactly(State.HEALTHY, State.HEALTHY, State.HEALTHY);
        assertThat(driver.faults()).isEmpty();
    }

    @Test
    void everyGpuIsLostAndThenHealthyUnderItsUuid_whenTheDriverIsReloaded() {
        ScriptedNvml driver = ScriptedNvml.compile(folder).script("gpus 3");
        ProbeBench bench = ProbeBench.inline(
                GpuConfig.defaults(), JnaNvml.opener(driver.library().toString()));
        bench.beats(3);

        driver.script("load 2", "reload_ret 1", "gpus 3", "call nvmlInit_v2 ret=9");
        bench.beats(INTERVALS);
        List<State> away = states(bench);
        driver.script("load 2", "gpus 3", "order 1 2 0");
        // The next try to connect comes with a pause that grows from one interval on.
        GpuPoll back = bench.beatUntil("healthy", poll -> poll.verdict().state() == State.HEALTHY);

        assertThat(away).containsOnly(State.LOST);
        assertThat(back.generation()).isEqualTo(2);
    }

    /** By UUID, whatever index it has now. */
    private static List<State> states(ProbeBench bench) {
        return bench.probe().fleet().gpus().stream()
                .sorted(Comparator.comparing(gpu -> gpu.identity().uuid()))
                .map(gpu -> gpu.verdict().state())
                .toList();
    }
}
