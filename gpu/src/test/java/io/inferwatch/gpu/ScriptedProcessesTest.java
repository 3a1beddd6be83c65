package io.inferwatch.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.gpu.GpuVerdict.State;
import io.inferwatch.gpu.NvmlProcesses.ProcessKind;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who uses a GPU, by a real C library and a made-up {@code /proc}. */
class ScriptedProcessesTest {
    private final Path folder;
    private @Nullable ScriptedNvml nvml;

    ScriptedProcessesTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @AfterEach
    void nothingForbiddenWasDone() {
        if (nvml != null) {
            assertThat(nvml.faults()).isEmpty();
        }
    }

    private ScriptedNvml driver(String... withoutSymbols) {
        ScriptedNvml compiled = ScriptedNvml.compile(folder, withoutSymbols);
        nvml = compiled;
        return compiled;
    }

    private ProbeBench bench(ScriptedNvml driver, ServedGpus... servers) {
        GpuConfig config = GpuConfig.defaults().serving(List.of(servers)).withProc(folder.resolve("proc"));
        return ProbeBench.inline(config, JnaNvml.opener(driver.library().toString()));
    }

    private void process(int pid, int parent, String name, @Nullable Integer port) throws IOException {
        Path own = folder.resolve("proc").resolve(Integer.toString(pid));
        Files.createDirectories(own.resolve("fd"));
        Files.writeString(own.resolve("comm"), name);
        Files.writeString(own.resolve("stat"), pid + " (" + name + ") S " + parent + " 1 ");
        if (port != null) {
            Files.createSymbolicLink(own.resolve("fd/3"), Path.of("socket:[" + port + "]"));
            Path table = Files.createDirectories(folder.resolve("proc/net")).resolve("tcp");
            String before = Files.exists(table) ? Files.readString(table) : "";
            Files.writeString(
                    table, before + "0: 00000000:%04X 00000000:0000 0A 0:0 0:0 0 0 0 %d 1\n".formatted(port, port));
        }
    }

    private static List<GpuProcess> processes(ProbeBench bench, int gpu) {
        Reading<List<GpuProcess>> reading =
                bench.probe().fleet().gpus().get(gpu).occupancy().processes();
        if (reading instanceof Reading.Value<List<GpuProcess>>(List<GpuProcess> list)) {
            return list;
        }
        throw new AssertionError("no processes: " + reading);
    }

    @Test
    void processesAreListedWithMemoryShareAndName_largestFirst() throws IOException {
        process(4711, 1, "VLLM::Worker_TP0", null);
        ScriptedNvml driver = driver().script(
                        "gpus 1",
                        "process 0 pid=12 used=1000 kind=graphics",
                        "process 0 pid=4711 used=70000000000 sm=93",
                        "process 0 pid=13 used=18446744073709551615 sm=4294967295 gi=3");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        assertThat(processes(bench, 0)).extracting(GpuProcess::pid).containsExactly(4711, 12, 13);
        GpuProcess largest = processes(bench, 0).getFirst();
        assertThat(largest.usedBytes()).isEqualTo(OptionalLong.of(70_000_000_000L));
        assertThat(largest.smPercent()).isEqualTo(OptionalInt.of(93));
        assertThat(largest.kind()).isEqualTo(ProcessKind.COMPUTE);
        assertThat(largest.host().orElseThrow().command()).isEqualTo("VLLM::Worker_TP0");
        GpuProcess strange = processes(bench, 0).getLast();
        assertThat(strange.usedBytes()).as("not available").isEmpty();
        assertThat(strange.smPercent()).as("garbage").isEmpty();
        assertThat(strange.gpuInstance()).isEqualTo(OptionalInt.of(3));
        assertThat(strange.host()).isEmpty();
    }

    @Test
    void processesAreAskedEveryTenSecondsOnly_whenPolledEachSecond() {
        ScriptedNvml driver = driver().script("process 0 pid=1 used=1");
        ProbeBench bench = bench(driver);

        bench.beats(30);

        assertThat(driver.calls("nvmlDeviceGetGraphicsRunningProcesses_v3")).isEqualTo(3);
    }

    @Test
    void recordsOf32BytesAreReadAsSuch_ofAnEarly535Driver() {
        ScriptedNvml driver = driver("nvmlDeviceGetRunningProcessDetailList", "nvmlDeviceGetProcessesUtilizationInfo")
                .script("process 0 pid=1 used=100 sm=7", "process 0 pid=2 used=90", "process 0 pid=3 used=80");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        assertThat(processes(bench, 0)).extracting(GpuProcess::pid).containsExactly(1, 2, 3);
        assertThat(processes(bench, 0).getFirst().smPercent()).isEqualTo(OptionalInt.of(7));
    }

    @Test
    void everyProcessIsListed_whenTheListGrowsBetweenTheCalls() {
        String[] lines = new String[40];
        for (int i = 0; i < 39; i++) {
            lines[i] = "process 0 pid=" + (i + 1) + " used=" + (100 - i);
        }
        lines[39] = "hidden_processes 38";
        ProbeBench bench = bench(driver().script(lines));
        bench.beats(2);

        assertThat(processes(bench, 0)).hasSize(39);
    }

    @Test
    void migInstancesAreListedPastTheHole_whenMigIsOn() {
        ScriptedNvml driver = driver().script(
                        "gpus 2",
                        "mig 1 uuid=MIG-a gi=7 ci=0 used=5 total=100",
                        "mig 1 uuid=MIG-b gi=8 ci=1 used=6 total=200");
        ProbeBench bench = bench(driver);
        bench.beats(2);

        Occupancy divided = bench.probe().fleet().gpus().get(1).occupancy();
        assertThat(divided.isMig()).isTrue();
        assertThat(divided.instances())
                .extracting(MigInstance::uuid, MigInstance::gpuInstance, MigInstance::computeInstance)
                .containsExactly(tuple("MIG-a", 7, 0), tuple("MIG-b", 8, 1));
        assertThat(divided.instances().getLast().memory())
                .isEqualTo(new Reading.Value<>(new Nvml.MemoryV2(200, 0, 194, 6)));
        assertThat(bench.probe().fleet().gpus().get(0).occupancy().isMig()).isFalse();
        assertThat(bench.probe().fleet().gpus()).as("instances are not GPUs").hasSize(2);
    }

    /** Two servers of two GPUs each: each GPU bears the name of its own, also when it is lost. */
    @Test
    void gpuIsItsServers_whenTheServersProcessesHoldIt() throws IOException {
        process(100, 1, "api", 8000);
        process(101, 100, "worker", null);
        process(200, 1, "api", 8001);
        process(201, 200, "worker", null);
        String[] script = {
            "gpus 5",
            "process 0 pid=101 used=10",
            "process 1 pid=101 used=10",
            "process 2 pid=201 used=10",
            "process 3 pid=201 used=10"
        };
        ScriptedNvml driver = driver().script(script);
        ServedGpus.Gpus auto = new ServedGpus.Gpus.Auto();
        ProbeBench bench = bench(
                driver,
                new ServedGpus("llama", OptionalInt.of(8000), auto),
                new ServedGpus("qwen", OptionalInt.of(8001), auto));

        List<GpuPoll> polls = bench.beats(2).subList(5, 10);
        driver.script("gpus 5", "call * gpu=1 ret=15", "call * gpu=4 ret=15");
        List<GpuPoll> lost = bench.beats(2);
        bench.pass(Duration.ofMinutes(30));
        List<GpuPoll> later = bench.beats(2);

        assertThat(polls)
                .extracting(GpuPoll::server)
                .containsExactly(
                        Optional.of("llama"),
                        Optional.of("llama"),
                        Optional.of("qwen"),
                        Optional.of("qwen"),
                        Optional.empty());
        assertThat(lost)
                .filteredOn(poll -> poll.verdict().state() == State.LOST)
                .extracting(GpuPoll::server)
                .contains(Optional.of("llama"), Optional.empty());
        assertThat(later)
                .filteredOn(poll -> poll.gpu().index() == 1)
                .as("a lost GPU stays the server's it broke under")
                .allMatch(poll -> poll.server().equals(Optional.of("llama")));
        assertThat(later)
                .filteredOn(poll -> poll.gpu().index() == 0)
                .as("half an hour after its processes are gone it is free")
                .allMatch(poll -> poll.server().isEmpty());
    }

    @Test
    void gpuIsItsServers_whenListedByIndexOrUuid() {
        ScriptedNvml driver = driver().script("gpus 3");
        ProbeBench bench = bench(
                driver,
                new ServedGpus("a", OptionalInt.empty(), new ServedGpus.Gpus.Listed(Set.of("2"))),
                new ServedGpus(
                        "b",
                        OptionalInt.empty(),
                        new ServedGpus.Gpus.Listed(Set.of("GPU-00000000-0000-0000-0000-000000000000"))));

        assertThat(bench.beats(1))
                .extracting(GpuPoll::server)
                .containsExactly(Optional.of("b"), Optional.empty(), Optional.of("a"));
    }

    @Test
    void gpuChangesItsServer_whenTheServersChange() throws IOException {
        process(100, 1, "api", 8000);
        process(200, 1, "api", 8001);
        ScriptedNvml driver = driver().script("gpus 2", "process 0 pid=100 used=10", "process 1 pid=200 used=10");
        ServedGpus.Gpus auto = new ServedGpus.Gpus.Auto();
        ServedGpus llama = new ServedGpus("llama", OptionalInt.of(8000), auto);
        ServedGpus qwen = new ServedGpus("qwen", OptionalInt.of(8001), auto);
        ProbeBench bench = bench(driver, llama);
        List<GpuPoll> first = bench.beats(2).subList(2, 4);

        bench.probe().serve(List.of(qwen));
        bench.pass(Duration.ofSeconds(10));
        List<GpuPoll> second = bench.beats(2).subList(2, 4);
        assertThatThrownBy(() -> bench.probe().serve(List.of(llama, llama))).hasMessageContaining("stands twice");
        List<GpuPoll> third = bench.beats(1);

        assertThat(first).extracting(GpuPoll::server).containsExactly(Optional.of("llama"), Optional.empty());
        assertThat(second).extracting(GpuPoll::server).containsExactly(Optional.empty(), Optional.of("qwen"));
        assertThat(third).extracting(GpuPoll::server).containsExactly(Optional.empty(), Optional.of("qwen"));
    }

    @Test
    void serverIsRefusedWithTheRemedy_whenItsGpusMakeNoSense() {
        assertThatThrownBy(() -> new ServedGpus.Gpus.Listed(Set.of("first"))).hasMessageContaining("inferwatch gpus");
        ServedGpus.Gpus zero = new ServedGpus.Gpus.Listed(Set.of("0"));
        ServedGpus a = new ServedGpus("a", OptionalInt.empty(), zero);
        ServedGpus b = new ServedGpus("b", OptionalInt.empty(), zero);
        assertThatThrownBy(() -> ServedGpus.checked(List.of(a, b))).hasMessageContaining("listed for two servers");
        assertThatThrownBy(() -> ServedGpus.checked(List.of(a, a))).hasMessageContaining("\"a\" stands twice");
    }
}
