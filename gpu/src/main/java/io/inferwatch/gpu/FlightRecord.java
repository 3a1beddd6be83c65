package io.inferwatch.gpu;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What the GPUs did in the seconds after an alert fired, read faster than usual.
 *
 * @param until when it ends or ended; equal to {@code from} where nothing was read
 * @param notTaken why it is empty; empty where it was taken
 * @param gpus by index
 */
public record FlightRecord(Instant from, Instant until, String notTaken, List<OfGpu> gpus) {
    public FlightRecord {
        gpus = List.copyOf(gpus);
    }

    /** One GPU's part, oldest first. */
    public record OfGpu(GpuIdentity gpu, List<Row> rows) {
        public OfGpu {
            rows = List.copyOf(rows);
        }
    }

    /**
     * One poll.
     *
     * @param values by metric, in the unit of its field; a metric of several parts as {@code gpu.throttle.hw_thermal}. A
     *     reading without a value is left out; a counter stands as the driver tells it
     */
    public record Row(Instant at, Map<String, Double> values) {
        public Row {
            values = Map.copyOf(values);
        }
    }
}
