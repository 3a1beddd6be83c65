package io.inferwatch.api.http;

import io.inferwatch.gpu.GpuProcess;
import io.inferwatch.gpu.MigInstance;
import io.inferwatch.gpu.Nvml.MemoryV2;
import io.inferwatch.gpu.Occupancy;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.host.HostProcess;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who uses a GPU, and how it is divided, as JSON. */
final class OccupancyShape {
    private OccupancyShape() {}

    /** The same object with {@code processes} and {@code mig}; the state of the processes where there is no list. */
    static Shape with(Shape gpu, Occupancy occupancy) {
        switch (occupancy.processes()) {
            case Reading.Value<List<GpuProcess>>(List<GpuProcess> processes) ->
                gpu.with(
                        "processes",
                        processes.stream().map(OccupancyShape::process).toList());
            case Reading.Unsupported<List<GpuProcess>>() -> gpu.with("processes_state", "unsupported");
            case Reading.NoPermission<List<GpuProcess>>() -> gpu.with("processes_state", "no_permission");
            case Reading.Stale<List<GpuProcess>>() -> gpu.with("processes_state", "stale");
            case Reading.Failed<List<GpuProcess>>(int code) -> gpu.with("processes_state", "failed");
        }
        return gpu.with(
                "mig",
                Shape.object()
                        .with("enabled", occupancy.isMig())
                        .with(
                                "instances",
                                occupancy.instances().stream()
                                        .map(OccupancyShape::instance)
                                        .toList())
                        .done());
    }

    static Map<String, @Nullable Object> process(GpuProcess process) {
        Optional<HostProcess> host = process.host();
        return Shape.object()
                .with("pid", process.pid())
                .with("kind", process.kind().name().toLowerCase(Locale.ROOT))
                .with("command", host.map(HostProcess::command))
                .with("container", host.flatMap(HostProcess::container))
                .with("pod", host.flatMap(HostProcess::pod))
                .with("memory_bytes", process.usedBytes().stream().boxed().findFirst())
                .with("time_percent", process.smPercent().stream().boxed().findFirst())
                .with("gpu_instance", process.gpuInstance().stream().boxed().findFirst())
                .done();
    }

    private static Map<String, @Nullable Object> instance(MigInstance mig) {
        return with(Shape.object().with("uuid", mig.uuid()).with("name", mig.name()), mig)
                .done();
    }

    /** The same object with which part of its GPU it is. */
    static Shape with(Shape shape, MigInstance mig) {
        shape.with("gpu_instance", mig.gpuInstance()).with("compute_instance", mig.computeInstance());
        return mig.memory() instanceof Reading.Value<MemoryV2>(MemoryV2 memory)
                ? shape.with("memory_used_bytes", memory.usedBytes()).with("memory_total_bytes", memory.totalBytes())
                : shape;
    }
}
