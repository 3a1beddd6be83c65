package io.inferwatch.notifier.outages;

import io.inferwatch.collector.Collector;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuField;
import io.inferwatch.gpu.GpuIdentity;
import io.inferwatch.gpu.GpuPoll;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import io.inferwatch.gpu.XidEvent;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** One GPU as its polls tell of it. */
final class SimulatedGpu {
    private static final double BYTES = 80e9;

    final GpuIdentity identity;
    final ModelServer server;
    boolean isLost;
    double celsius = 62;

    /** Nanoseconds of each second the clocks are held down by heat. */
    double throttledShare;

    private double throttledSeconds;

    SimulatedGpu(int index, ModelServer server) {
        this.identity = new GpuIdentity(index, "GPU-%04d".formatted(index), "NVIDIA H100 80GB HBM3");
        this.server = server;
    }

    /** A second's poll. */
    void poll(Collector collector, Instant now) {
        throttledSeconds += throttledShare;
        List<FieldReading> readings = new ArrayList<>();
        readings.add(reading("gpu.up", isLost ? 0 : 1));
        if (!isLost) {
            readings.add(reading("gpu.temperature", celsius));
            readings.add(reading("gpu.memory.used", BYTES * 0.91));
            readings.add(reading("gpu.memory.total", BYTES));
            readings.add(new FieldReading(
                    new GpuField("gpu.sm.utilization", "%"),
                    Map.of("source", "gpm"),
                    value(server.running() == 0 ? 0 : Math.min(94, 66 + 4 * server.running()))));
            readings.add(new FieldReading(
                    new GpuField("gpu.throttle", "s"), Map.of("reason", "sw_thermal"), value(throttledSeconds)));
            readings.add(new FieldReading(new GpuField("gpu.ecc.errors", ""), Map.of("kind", "uncorrected"), value(0)));
        }
        GpuVerdict verdict = isLost
                ? new GpuVerdict(GpuVerdict.State.LOST, "GPU is lost", "reboot", now)
                : new GpuVerdict(GpuVerdict.State.HEALTHY, "", "", now);
        collector.accept(new GpuPoll(identity, Optional.of(server.name), 1, now, verdict, readings));
    }

    void xid(Collector collector, Instant now, int number) {
        collector.accept(new XidEvent(
                identity, Optional.of(server.name), now, number, OptionalInt.empty(), XidEvent.Origin.NVML));
    }

    private static FieldReading reading(String metric, double value) {
        return new FieldReading(new GpuField(metric, ""), Map.of(), value(value));
    }

    private static Reading<Samples> value(double value) {
        return new Reading.Value<>(Samples.of(value));
    }
}
