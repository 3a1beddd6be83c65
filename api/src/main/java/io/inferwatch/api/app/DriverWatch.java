package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.histograms.Mark;
import java.time.Instant;
import java.util.Optional;

/** Sees the GPU driver come back, reloaded or another one: counters begin anew then, and GPUs may have. One thread. */
final class DriverWatch {
    static final String KIND = "driver_reload";

    private int generation;
    private Optional<String> version = Optional.empty();

    /** @return a mark where another load of the driver answers than at the last look; the first is none */
    Optional<Mark> look(GpuFleet fleet, Instant now) {
        if (fleet.generation() == generation || fleet.driverVersion().isEmpty()) {
            return Optional.empty();
        }
        boolean isFirst = generation == 0;
        Optional<String> before = version.filter(known -> !fleet.driverVersion().equals(Optional.of(known)));
        generation = fleet.generation();
        version = fleet.driverVersion();
        return isFirst
                ? Optional.empty()
                : Optional.of(new Mark(
                        now,
                        KIND,
                        LabelSet.EMPTY,
                        "GPU driver " + version.orElse("") + " was loaded"
                                + before.map(known -> ", it was " + known).orElse(" again")));
    }
}
