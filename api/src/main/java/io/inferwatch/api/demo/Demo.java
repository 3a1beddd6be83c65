package io.inferwatch.api.demo;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.push.BodyFormat;
import io.inferwatch.collector.push.IntakeOptions;
import io.inferwatch.collector.push.RequestIntake;
import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.simulated.Scenario;
import io.inferwatch.gpu.simulated.SimulatedNvml;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The simulated node: eight GPUs and the requests they serve, telling the same story from the same moment on. */
public final class Demo implements Scenario {
    private static final long SEED = 9_477;
    private static final Duration SERVERS_READ_EVERY = Duration.ofSeconds(1);
    private static final int HOT_GPU = 2;
    private static final int LOST_GPU = 5;

    private final InstantSource clock;
    private final Instant start;
    private final DemoTraffic traffic = new DemoTraffic(SEED);

    public Demo(InstantSource clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /** The driver the probe talks to. */
    public Nvml.Opener gpus() {
        return SimulatedNvml.opener(clock, this);
    }

    /** Sends one batch of records through the intake. @return how long to rest until the next */
    public Duration step(RequestIntake intake) throws IOException {
        byte[] batch = traffic.batch(incident(clock.instant()));
        intake.accept(new ByteArrayInputStream(batch), BodyFormat.NDJSON, IntakeOptions.DEFAULT);
        return Duration.ofMillis(1_000 / DemoTraffic.BATCHES_PER_SECOND);
    }

    /** Tells what the servers' own metrics pages would say now. @return how long to rest until the next time */
    public Duration tellServers(Collector collector) {
        Instant now = clock.instant();
        collector.accept(DemoServers.gauges(incident(now), now));
        return SERVERS_READ_EVERY;
    }

    @Override
    public double load(int gpu, Instant at) {
        if (gpu == HOT_GPU && incident(at) == Incident.THERMAL) {
            return 1.0;
        }
        double phase = at.toEpochMilli() / 20_000.0 + gpu;
        return 0.6 + 0.15 * Math.sin(phase);
    }

    @Override
    public boolean isLost(int gpu, Instant at) {
        return gpu == LOST_GPU && incident(at) == Incident.GPU_LOST;
    }

    private Incident incident(Instant at) {
        return Incident.at(Math.max(0, Duration.between(start, at).toSeconds()));
    }
}
