package io.inferwatch.gpu;

import java.util.List;

/**
 * Who uses a GPU, and how it is divided.
 *
 * @param isMig whether MIG is on
 */
public record Occupancy(Reading<List<GpuProcess>> processes, boolean isMig, List<MigInstance> instances) {
    static final Occupancy UNKNOWN = new Occupancy(new Reading.Stale<>(), false, List.of());

    public Occupancy {
        instances = List.copyOf(instances);
    }
}
