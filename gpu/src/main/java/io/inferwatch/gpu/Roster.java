package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuConfig.Expected;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which GPUs are expected because they were seen, now or before a restart. Learns each that answers, remembers it, and
 * forgets on request. Where the configuration names the expected ones, nothing is remembered. MIG devices are never
 * learned: they come and go on purpose. Any thread.
 */
final class Roster {
    private static final String GPU_UUID = "GPU-";

    private final boolean isLearned;
    private final FleetMemory memory;
    private final Map<String, GpuIdentity> learned = new LinkedHashMap<>();
    private final Map<String, GpuIdentity> dismissed = new LinkedHashMap<>();

    Roster(Expected expected, FleetMemory memory) {
        this.isLearned = expected instanceof Expected.Auto;
        this.memory = memory;
    }

    /** The GPUs known before the restart, those dismissed as well. Called once, before anything is learned. */
    synchronized List<GpuIdentity> recall() {
        if (isLearned) {
            FleetMemory.Remembered before = memory.recall();
            before.expected().forEach(gpu -> learned.put(gpu.uuid(), gpu));
            before.dismissed().forEach(gpu -> dismissed.put(gpu.uuid(), gpu));
        }
        return Stream.concat(learned.values().stream(), dismissed.values().stream())
                .toList();
    }

    /** This GPU answers. */
    synchronized void answered(GpuIdentity gpu) {
        boolean wasDismissed = dismissed.remove(gpu.uuid()) != null;
        if (!isLearned || !gpu.uuid().startsWith(GPU_UUID)) {
            return;
        }
        if (!gpu.equals(learned.put(gpu.uuid(), gpu)) || wasDismissed) {
            remember();
        }
    }

    /** Whether its absence was accepted. */
    synchronized boolean isDismissed(String uuid) {
        return dismissed.containsKey(uuid);
    }

    /** From now on these are missed and no others. */
    synchronized void accept(List<GpuIdentity> present, List<GpuIdentity> absent) {
        absent.forEach(gpu -> {
            learned.remove(gpu.uuid());
            dismissed.put(gpu.uuid(), gpu);
        });
        if (isLearned) {
            present.stream()
                    .filter(gpu -> gpu.uuid().startsWith(GPU_UUID))
                    .forEach(gpu -> learned.put(gpu.uuid(), gpu));
            remember();
        }
    }

    private void remember() {
        memory.remember(new FleetMemory.Remembered(List.copyOf(learned.values()), List.copyOf(dismissed.values())));
    }
}
