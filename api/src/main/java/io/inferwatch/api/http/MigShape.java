package io.inferwatch.api.http;

import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuProcess;
import io.inferwatch.gpu.MigInstance;
import io.inferwatch.gpu.Reading;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A MIG device as JSON: like a GPU, with what can be told of the part alone, the verdict of the GPU it is a part of, and
 * that GPU's UUID as {@code parent}.
 */
final class MigShape {
    private MigShape() {}

    /** Empty where no GPU has such a device, as of the last look at how they are divided. */
    static Optional<Map<String, @Nullable Object>> of(List<GpuFleet.Gpu> gpus, String uuid) {
        return gpus.stream()
                .flatMap(gpu -> gpu.occupancy().instances().stream()
                        .filter(mig -> mig.uuid().equals(uuid))
                        .map(mig -> of(gpu, mig)))
                .findFirst();
    }

    private static Map<String, @Nullable Object> of(GpuFleet.Gpu gpu, MigInstance mig) {
        String number = Integer.toString(mig.gpuInstance());
        Shape shape = Shape.object()
                .with("index", gpu.identity().index())
                .with("uuid", mig.uuid())
                .with("name", mig.name())
                .with("parent", gpu.identity().uuid());
        return OccupancyShape.with(shape, mig)
                .with("server", gpu.server())
                .with("verdict", GpuFleetShape.verdict(gpu.verdict()))
                .with(
                        "readings",
                        GpuReadingsShape.ofInstance(gpu.readings().stream()
                                .filter(latest ->
                                        number.equals(latest.reading().labels().get(FieldReading.GPU_INSTANCE)))
                                .toList()))
                .with("processes", processes(gpu, mig))
                .done();
    }

    /** Left out where the driver does not tell processes. */
    private static Optional<List<Map<String, @Nullable Object>>> processes(GpuFleet.Gpu gpu, MigInstance mig) {
        return gpu.occupancy().processes() instanceof Reading.Value<List<GpuProcess>>(List<GpuProcess> processes)
                ? Optional.of(processes.stream()
                        .filter(process -> process.gpuInstance().equals(OptionalInt.of(mig.gpuInstance())))
                        .map(OccupancyShape::process)
                        .toList())
                : Optional.empty();
    }
}
