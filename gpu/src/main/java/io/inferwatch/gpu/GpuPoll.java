package io.inferwatch.gpu;

import java.time.Instant;
import java.util.List;

/**
 * One GPU asked once: what goes into the journal and what {@code /api/v1/gpus} shows last.
 *
 * @param generation which driver load answered, from 1; counters of two generations are never compared
 */
public record GpuPoll(GpuIdentity gpu, int generation, Instant at, GpuVerdict verdict, List<FieldReading> readings) {
    public GpuPoll {
        readings = List.copyOf(readings);
    }
}
