package io.inferwatch.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuField;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuProcess;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.MigInstance;
import io.inferwatch.gpu.Nvml.MemoryV2;
import io.inferwatch.gpu.NvmlProcesses.ProcessKind;
import io.inferwatch.gpu.Occupancy;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.gpu.host.HostProcess;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MigShapeTest {
    private static final Instant NOW = Instant.parse("2026-01-05T12:00:00Z");

    private static FieldReading sm(Map<String, String> labels, double percent) {
        return new FieldReading(
                new GpuField("gpu.sm.utilization", "%"), labels, new Reading.Value<>(Samples.of(percent)));
    }

    private static GpuProcess process(int pid, int gpuInstance) {
        return new GpuProcess(
                pid,
                ProcessKind.COMPUTE,
                OptionalLong.of(5),
                OptionalInt.empty(),
                OptionalInt.of(gpuInstance),
                Optional.of(new HostProcess(pid, 1, "vllm", Optional.of("c0ffee"), Optional.of("0a1b-pod"))));
    }

    private static GpuFleet.Gpu divided(Reading<List<GpuProcess>> processes) {
        return new GpuFleet.Gpu(
                new GpuIdentity(3, "GPU-1", "NVIDIA H100"),
                Optional.of("chat"),
                new GpuVerdict(GpuVerdict.State.HEALTHY, "", "", NOW),
                List.of(
                        new GpuFleet.Latest(sm(Map.of("source", "gpm", "gpu_instance", "1"), 41), NOW),
                        new GpuFleet.Latest(sm(Map.of("source", "gpm", "gpu_instance", "2"), 7), NOW)),
                List.of(),
                new Occupancy(
                        processes,
                        true,
                        List.of(
                                new MigInstance("MIG-a", "1g.10gb", 1, 0, new Reading.Stale<>()),
                                new MigInstance(
                                        "MIG-b", "1g.10gb", 2, 0, new Reading.Value<>(new MemoryV2(90, 5, 5, 80))))),
                NOW);
    }

    @Test
    void aPartTellsItsOwnReadingsMemoryAndProcesses_andWhoseItIs() {
        GpuFleet.Gpu gpu = divided(new Reading.Value<>(List.of(process(11, 1), process(12, 2))));

        Map<String, ?> shape = MigShape.of(List.of(gpu), "MIG-b").orElseThrow();

        assertThat(shape.get("uuid")).isEqualTo("MIG-b");
        assertThat(shape.get("parent")).isEqualTo("GPU-1");
        assertThat(shape.get("gpu_instance")).isEqualTo(2);
        assertThat(shape.get("memory_used_bytes")).isEqualTo(80L);
        assertThat(shape.get("server")).isEqualTo("chat");
        assertThat(String.valueOf(shape.get("readings")))
                .contains("gpu.sm.utilization", "value=7.0", "source=gpm")
                .doesNotContain("41");
        assertThat(String.valueOf(shape.get("processes")))
                .contains("pid=12", "command=vllm", "container=c0ffee", "pod=0a1b-pod")
                .doesNotContain("pid=11");
    }

    @Test
    void whatTheDriverDoesNotTell_isLeftOut() {
        assertThat(MigShape.of(List.of(divided(new Reading.NoPermission<>())), "MIG-a")
                        .orElseThrow())
                .doesNotContainKeys("processes", "memory_used_bytes");
        assertThat(MigShape.of(List.of(divided(new Reading.Stale<>())), "MIG-c"))
                .isEmpty();
    }
}
