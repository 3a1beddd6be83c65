package io.inferwatch.gpu;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What is known of all GPUs of this host at one moment.
 *
 * @param driverVersion empty while no driver answers
 * @param generation which driver load this is, from 1; 0 before the first
 * @param gpus by index; a lost one stays listed
 * @param reason why no driver is being read, for example {@code libnvidia-ml.so.1 not found}; empty while one is
 */
public record GpuFleet(Optional<String> driverVersion, int generation, List<Gpu> gpus, Optional<String> reason) {
    public GpuFleet {
        gpus = List.copyOf(gpus);
    }

    /**
     * One GPU.
     *
     * @param server the configured model server that uses it
     * @param occupancy who uses it, as of the last look, at most ten seconds old while it answers
     * @param xids the newest of this run, oldest first
     * @param at when it was last told about
     */
    public record Gpu(
            GpuIdentity identity,
            Optional<String> server,
            GpuVerdict verdict,
            List<Latest> readings,
            List<XidEvent> xids,
            Occupancy occupancy,
            Instant at) {
        public Gpu {
            readings = List.copyOf(readings);
            xids = List.copyOf(xids);
        }

        /** One that nothing has happened to and of which no user is known. */
        public Gpu(GpuIdentity identity, GpuVerdict verdict, List<Latest> readings, Instant at) {
            this(identity, Optional.empty(), verdict, readings, List.of(), Occupancy.UNKNOWN, at);
        }

        /** Whether it answers. */
        public boolean isPresent() {
            return switch (verdict.state()) {
                case HEALTHY, DEGRADED, FAILING -> true;
                case LOST, DRIVER_UNRESPONSIVE -> false;
            };
        }

        Gpu with(List<XidEvent> heard, Occupancy found) {
            return new Gpu(identity, server, verdict, readings, heard, found, at);
        }
    }

    /**
     * The newest reading of one field.
     *
     * @param at when the driver gave this answer; of a stale one, when the last value was got, if ever
     */
    public record Latest(FieldReading reading, Instant at) {}
}
