package io.inferwatch.gpu;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One GPU asked once: what goes into the journal and what {@code /api/v1/gpus} shows last.
 *
 * @param server the configured model server that uses it, or used it when it was lost
 * @param generation which driver load answered, from 1; counters of two generations are never compared
 */
public record GpuPoll(
        GpuIdentity gpu,
        Optional<String> server,
        int generation,
        Instant at,
        GpuVerdict verdict,
        List<FieldReading> readings) {
    public GpuPoll {
        readings = List.copyOf(readings);
    }

    /** Of a GPU that no server is known to use. */
    public GpuPoll(GpuIdentity gpu, int generation, Instant at, GpuVerdict verdict, List<FieldReading> readings) {
        this(gpu, Optional.empty(), generation, at, verdict, readings);
    }
}
