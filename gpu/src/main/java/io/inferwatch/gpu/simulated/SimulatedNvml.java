package io.inferwatch.gpu.simulated;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.Reading;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * Eight H200 under a scenario, behind the same port as the driver: what the demo shows has gone the way real readings
 * go. Every value is a function of GPU and moment alone. Stateless; any thread.
 */
public final class SimulatedNvml implements Nvml {
    /** How many GPUs there are. */
    public static final int GPUS = 8;

    private static final long MEMORY_BYTES = 150_754_820_096L;
    private static final long RESERVED_BYTES = 629_145_600L;
    private static final double LIMIT_WATTS = 700;
    private static final double IDLE_WATTS = 76;

    /** As long and as fine as the ring of the real one: six values a second. */
    private static final long RING_STEP_MICROS = 166_667;

    private static final int RING_SAMPLES = 96;

    private final InstantSource clock;
    private final Scenario scenario;

    public SimulatedNvml(InstantSource clock, Scenario scenario) {
        this.clock = clock;
        this.scenario = scenario;
    }

    /** The opener the probe takes. */
    public static Opener opener(InstantSource clock, Scenario scenario) {
        return () -> new Opened.Found(new SimulatedNvml(clock, scenario));
    }

    @Override
    public int init() {
        return NvmlCode.SUCCESS;
    }

    @Override
    public int shutdown() {
        return NvmlCode.SUCCESS;
    }

    @Override
    public Reading<String> driverVersion() {
        return new Reading.Value<>("590.48.01");
    }

    @Override
    public Reading<Integer> deviceCount() {
        return new Reading.Value<>(GPUS);
    }

    @Override
    public Reading<Device> deviceByIndex(int index) {
        return of(new Device(index), gpu -> new Device(gpu));
    }

    @Override
    public Reading<Device> deviceByUuid(String uuid) {
        for (int gpu = 0; gpu < GPUS; gpu++) {
            if (uuidOf(gpu).equals(uuid)) {
                return deviceByIndex(gpu);
            }
        }
        return new Reading.Failed<>(NvmlCode.NOT_FOUND);
    }

    @Override
    public Reading<Integer> index(Device device) {
        return of(device, gpu -> gpu);
    }

    @Override
    public Reading<String> uuid(Device device) {
        return of(device, SimulatedNvml::uuidOf);
    }

    @Override
    public Reading<String> name(Device device) {
        return of(device, gpu -> "NVIDIA H200");
    }

    @Override
    public Reading<Long> number(Device device, NumberQuery query) {
        return switch (query.symbol()) {
            case "nvmlDeviceGetPowerUsage" -> of(device, gpu -> Math.round(watts(gpu) * 1000));
            case "nvmlDeviceGetEnforcedPowerLimit" -> of(device, gpu -> Math.round(LIMIT_WATTS * 1000));
            case "nvmlDeviceGetTemperature" -> of(device, gpu -> Math.round(celsius(gpu)));
            case "nvmlDeviceGetClockInfo" ->
                of(device, gpu -> isMemoryClock(query.selector()) ? 3201L : megahertz(gpu));
            default -> new Reading.Unsupported<>();
        };
    }

    @Override
    public Reading<Utilization> utilization(Device device) {
        return of(
                device,
                gpu -> new Utilization(
                        percent(Ring.GPU_UTILIZATION, gpu, clock.instant()),
                        percent(Ring.MEMORY_UTILIZATION, gpu, clock.instant())));
    }

    @Override
    public Reading<MemoryV1> memoryV1(Device device) {
        return memoryV2(device)
                .map(memory -> new MemoryV1(
                        memory.totalBytes(), memory.freeBytes(), memory.usedBytes() + memory.reservedBytes()));
    }

    @Override
    public Reading<MemoryV2> memoryV2(Device device) {
        return of(device, gpu -> {
            double share = clamped(scenario.memoryShare(gpu, clock.instant()));
            long used = (long) (share * (MEMORY_BYTES - RESERVED_BYTES));
            return new MemoryV2(MEMORY_BYTES, RESERVED_BYTES, MEMORY_BYTES - RESERVED_BYTES - used, used);
        });
    }

    @Override
    public Reading<List<RingSample>> samples(Device device, Ring ring, long after) {
        return of(device, gpu -> {
            long newest = Math.floorDiv(clock.millis() * 1000, RING_STEP_MICROS);
            List<RingSample> samples = new ArrayList<>();
            for (long step = newest - RING_SAMPLES + 1; step <= newest; step++) {
                long micros = step * RING_STEP_MICROS;
                if (micros > after) {
                    samples.add(new RingSample(micros, percent(ring, gpu, Instant.ofEpochMilli(micros / 1000))));
                }
            }
            return samples;
        });
    }

    @Override
    public Reading<Long> recoveryAction(Device device) {
        return of(device, gpu -> 0L);
    }

    @Override
    public void close() {}

    /** The answer for a GPU that is there; a lost one answers every question alike. */
    private <T> Reading<T> of(Device device, Function<Integer, T> answer) {
        int gpu = (int) device.handle();
        if (gpu < 0 || gpu >= GPUS) {
            return new Reading.Failed<>(NvmlCode.NOT_FOUND);
        }
        return scenario.isLost(gpu, clock.instant())
                ? new Reading.Failed<>(NvmlCode.GPU_IS_LOST)
                : new Reading.Value<>(answer.apply(gpu));
    }

    private static String uuidOf(int gpu) {
        return String.format(Locale.ROOT, "GPU-5113ca7e-0000-4000-8000-%012d", gpu);
    }

    private static boolean isMemoryClock(OptionalInt selector) {
        return selector.orElse(0) == 2;
    }

    private double load(int gpu, Instant at) {
        return clamped(scenario.load(gpu, at));
    }

    /** A GPU that decodes is nearly always running some kernel; its memory is busy in step with the load. */
    private long percent(Ring ring, int gpu, Instant at) {
        double load = load(gpu, at);
        double share = switch (ring) {
            case GPU_UTILIZATION -> Math.sqrt(load);
            case MEMORY_UTILIZATION -> 0.72 * load;
        };
        double jitter = load == 0 ? 0 : 0.03 * wobble(gpu * 7 + ring.samplingType(), at);
        return Math.round(100 * clamped(share + jitter));
    }

    private double watts(int gpu) {
        Instant now = clock.instant();
        double busy = IDLE_WATTS + load(gpu, now) * (LIMIT_WATTS - IDLE_WATTS) * 0.93;
        return Math.min(LIMIT_WATTS, busy + 6 * wobble(gpu, now));
    }

    /** The heat of the last half minute, not of this moment; the middle GPUs sit in warmer air. */
    private double celsius(int gpu) {
        Instant now = clock.instant();
        double mean = 0;
        for (int secondsAgo = 0; secondsAgo < 30; secondsAgo += 5) {
            mean += load(gpu, now.minusSeconds(secondsAgo)) / 6;
        }
        double place = 3 * Math.sin(Math.PI * (gpu + 0.5) / GPUS);
        return 33 + place + 38 * mean;
    }

    /** Near the power limit the clock gives way. */
    private long megahertz(int gpu) {
        double load = load(gpu, clock.instant());
        return load < 0.01 ? 345 : Math.round(1980 - 240 * Math.max(0, load - 0.9) / 0.1);
    }

    /** From -1 to 1, smooth over seconds, different for each GPU. */
    private static double wobble(int seed, Instant at) {
        double seconds = at.toEpochMilli() / 1000.0;
        return 0.6 * Math.sin(seconds / 1.7 + seed * 2.399) + 0.4 * Math.sin(seconds / 0.43 + seed * 1.131);
    }

    private static double clamped(double share) {
        return Math.clamp(share, 0.0, 1.0);
    }
}
