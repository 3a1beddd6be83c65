package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * What each MIG GPU instance of one GPU does, by GPM: NVML tells utilization of a divided GPU in no other way. One thread.
 */
final class InstanceActivity {
    private static final Map<GpuField, Integer> METRICS = Map.of(
            new GpuField("gpu.sm.utilization", "%"), GpmWindow.SM,
            new GpuField("gpu.sm.occupancy", "%"), GpmWindow.OCCUPANCY,
            new GpuField("gpu.tensor.active", "%"), GpmWindow.TENSOR,
            new GpuField("gpu.dram.active", "%"), GpmWindow.DRAM,
            new GpuField("gpu.graphics.active", "%"), GpmWindow.GRAPHICS);

    private final Nvml nvml;
    private final Device device;
    private final GpmWindow.Access access;
    private final LongSupplier nanos;
    private final Map<Integer, GpmWindow> windows = new TreeMap<>();

    /** @param device the whole GPU */
    InstanceActivity(Nvml nvml, Device device, GpmWindow.Access access, LongSupplier nanos) {
        this.nvml = nvml;
        this.device = device;
        this.access = access;
        this.nanos = nanos;
    }

    /** Into which GPU instances it is divided now; none where MIG is off. A negative number is none. */
    void divided(Collection<Integer> gpuInstances) {
        Set<Integer> now = new TreeSet<>(gpuInstances);
        now.removeIf(number -> number < 0);
        windows.entrySet().removeIf(known -> {
            boolean isGone = !now.contains(known.getKey());
            if (isGone) {
                known.getValue().free();
            }
            return isGone;
        });
        now.forEach(number -> windows.computeIfAbsent(
                number, instance -> GpmWindow.ofInstance(nvml, device, instance, access, nanos)));
    }

    void beginPoll() {
        windows.values().forEach(GpmWindow::beginPoll);
    }

    /** Whether there are instances that can tell, if perhaps not just now. */
    boolean tell() {
        return windows.values().stream().anyMatch(window -> isTold(window.metric(GpmWindow.SM)));
    }

    private static boolean isTold(Reading<Double> answer) {
        return answer instanceof Reading.Value<Double> || answer instanceof Reading.Stale<Double>;
    }

    /**
     * @param garbage told each field whose answer was out of range
     * @return five readings an instance, each with the label {@code gpu_instance}
     */
    List<FieldReading> read(Consumer<GpuField> garbage) {
        List<FieldReading> readings = new ArrayList<>();
        windows.forEach((instance, window) -> METRICS.forEach((field, metric) -> {
            Map<String, String> labels = Map.of("source", "gpm", FieldReading.GPU_INSTANCE, Integer.toString(instance));
            readings.add(new FieldReading(field, labels, checked(field, window.metric(metric), garbage)));
        }));
        return readings;
    }

    private static Reading<Samples> checked(GpuField field, Reading<Double> answer, Consumer<GpuField> garbage) {
        if (answer instanceof Reading.Value<Double>(Double percent) && !(percent >= 0 && percent <= 100)) {
            garbage.accept(field);
            return new Reading.Stale<>();
        }
        return answer.map(Samples::of);
    }

    /** Gives the samples of all back. */
    void free() {
        divided(Set.of());
    }
}
