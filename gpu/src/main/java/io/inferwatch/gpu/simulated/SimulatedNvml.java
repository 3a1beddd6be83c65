package io.inferwatch.gpu.simulated;

import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.Reading;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Eight H200 under a scenario, behind the same port as the driver: what the demo shows has gone the way real readings
 * go. Every level is a function of GPU and moment alone, every counter adds up what was between two questions. Any
 * thread.
 */
public final class SimulatedNvml implements Nvml {
    /** How many GPUs there are. */
    public static final int GPUS = 8;

    /** Of an H100 or H200 on its baseboard; all are up. */
    private static final int NVLINKS = 18;

    private static final long MEMORY_BYTES = 150_754_820_096L;
    private static final long RESERVED_BYTES = 629_145_600L;
    private static final double LIMIT_WATTS = 700;
    private static final double IDLE_WATTS = 76;

    /** As long and as fine as the ring of the real one: six values a second. */
    private static final long RING_STEP_MICROS = 166_667;

    private static final int RING_SAMPLES = 96;

    private static final int MIB = 1 << 20;
    private static final long SW_POWER_CAP = 0x4;

    private final InstantSource clock;
    private final Scenario scenario;
    private final List<SimulatedCounters> counters;
    private final AtomicLong gpmSamples = new AtomicLong();
    private final Map<GpmSample, Taken> taken = new ConcurrentHashMap<>();

    /** What a GPM sample holds. */
    private record Taken(int gpu, Instant at) {}

    public SimulatedNvml(InstantSource clock, Scenario scenario) {
        this.clock = clock;
        this.scenario = scenario;
        this.counters = IntStream.range(0, GPUS)
                .mapToObj(gpu -> new SimulatedCounters(at -> rates(gpu, at)))
                .toList();
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
            case "nvmlDeviceGetPowerUsage" -> of(device, gpu -> Math.round(watts(gpu, clock.instant()) * 1000));
            case "nvmlDeviceGetEnforcedPowerLimit" -> of(device, gpu -> Math.round(LIMIT_WATTS * 1000));
            case "nvmlDeviceGetTemperature" -> of(device, gpu -> Math.round(celsius(gpu)));
            case "nvmlDeviceGetClockInfo" ->
                of(device, gpu -> isMemoryClock(query.selector()) ? 3201L : megahertz(gpu));
            case "nvmlDeviceGetCurrPcieLinkGeneration" -> of(device, gpu -> 5L);
            case "nvmlDeviceGetCurrPcieLinkWidth" -> of(device, gpu -> 16L);
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
                    samples.add(new RingSample(micros, ringValue(ring, gpu, Instant.ofEpochMilli(micros / 1000))));
                }
            }
            return samples;
        });
    }

    @Override
    public Reading<Integer> cudaVersion() {
        return new Reading.Value<>(13_010);
    }

    @Override
    public Reading<List<Reading<FieldValue>>> fieldValues(Device device, List<Field> fields) {
        return of(device, gpu -> {
            SimulatedCounters.Totals totals = counters.get(gpu).until(clock.instant());
            return fields.stream().map(field -> field(gpu, field, totals)).toList();
        });
    }

    private Reading<FieldValue> field(int gpu, Field field, SimulatedCounters.Totals totals) {
        return switch (field.number()) {
            case 74 -> counter(totals.powerCapSeconds() * 1e9);
            case 82 -> new Reading.Value<>(new FieldValue(false, Math.round(celsius(gpu) + 7)));
            case 83 -> counter(totals.joules() * 1000);
            case 138 -> counter(totals.nvlinkTxBytes() / 1024);
            case 139 -> counter(totals.nvlinkRxBytes() / 1024);
            case 165 ->
                field.scope() < NVLINKS ? new Reading.Value<>(new FieldValue(false, 1)) : new Reading.Unsupported<>();
            case 197 -> counter(totals.pcieTxBytes());
            case 198 -> counter(totals.pcieRxBytes());
            // Nothing has ever gone wrong with these: errors, replays, remapped rows, other reasons to throttle.
            case 230 -> new Reading.Value<>(new FieldValue(false, 0));
            case 3, 4, 38, 45, 52, 59, 76, 77, 79, 94, 142, 143, 144, 145, 269, 270, 271 -> counter(0);
            default -> new Reading.Unsupported<>();
        };
    }

    private static Reading<FieldValue> counter(double level) {
        return new Reading.Value<>(new FieldValue(true, Math.floor(level)));
    }

    /** A GPU that decodes reads its memory all the time and moves little over PCIe. */
    private SimulatedCounters.Totals rates(int gpu, Instant at) {
        double load = load(gpu, at);
        double nvlink = load * 21_000 * MIB;
        double capped = Math.max(0, load - 0.9) * 4;
        return new SimulatedCounters.Totals(
                watts(gpu, at), Math.min(1, capped), load * 160 * MIB, load * 420 * MIB, nvlink, nvlink * 0.97);
    }

    @Override
    public Reading<Long> wide(Device device, WideQuery query) {
        return query.symbol().equals("nvmlDeviceGetCurrentClocksEventReasons")
                ? of(device, gpu -> load(gpu, clock.instant()) > 0.9 ? SW_POWER_CAP : 0L)
                : new Reading.Unsupported<>();
    }

    @Override
    public Reading<Integer> marginTemperature(Device device) {
        return of(device, gpu -> (int) Math.round(87 - celsius(gpu)));
    }

    @Override
    public Reading<Integer> temperatureV(Device device) {
        return of(device, gpu -> (int) Math.round(celsius(gpu)));
    }

    @Override
    public Reading<SramErrors> sramErrors(Device device) {
        return of(device, gpu -> new SramErrors(0, 0, 0, false));
    }

    @Override
    public Reading<RemappedRows> remappedRows(Device device) {
        return of(device, gpu -> new RemappedRows(0, 0, false, false));
    }

    @Override
    public Reading<Long> violationNanos(Device device, int policy) {
        return new Reading.Unsupported<>();
    }

    @Override
    public Reading<Boolean> gpmIsSupported(Device device) {
        return of(device, gpu -> true);
    }

    @Override
    public Reading<GpmSample> gpmAllocate() {
        return new Reading.Value<>(new GpmSample(gpmSamples.incrementAndGet()));
    }

    @Override
    public int gpmFree(GpmSample sample) {
        taken.remove(sample);
        return NvmlCode.SUCCESS;
    }

    @Override
    public Reading<GpmSample> gpmTake(Device device, GpmSample sample) {
        return of(device, gpu -> {
            taken.put(sample, new Taken(gpu, clock.instant()));
            return sample;
        });
    }

    @Override
    public Reading<GpmSample> gpmTakeOfInstance(Device parent, int gpuInstance, GpmSample sample) {
        return new Reading.Unsupported<>();
    }

    @Override
    public Reading<List<Reading<Double>>> gpmMetrics(GpmSample earlier, GpmSample later, List<Integer> metrics) {
        Taken from = taken.get(earlier);
        Taken to = taken.get(later);
        if (from == null || to == null || from.gpu() != to.gpu() || !to.at().isAfter(from.at())) {
            return new Reading.Failed<>(NvmlCode.INVALID_ARGUMENT);
        }
        Instant middle = from.at().plus(Duration.between(from.at(), to.at()).dividedBy(2));
        return new Reading.Value<>(metrics.stream()
                .map(metric -> gpmMetric(metric, to.gpu(), middle))
                .toList());
    }

    /** Decoding waits for memory: the SMs are busy with half of it, and the tensor cores with a fifth. */
    private Reading<Double> gpmMetric(int metric, int gpu, Instant at) {
        double load = load(gpu, at);
        double jitter = load == 0 ? 0 : 0.02 * wobble(gpu * 11 + metric, at);
        SimulatedCounters.Totals rates = rates(gpu, at);
        return switch (metric) {
            case 1 -> percent(Math.sqrt(load) + jitter);
            case 2 -> percent(0.62 * load + jitter);
            case 3 -> percent(0.27 * load + jitter);
            case 5 -> percent(0.21 * load + jitter);
            case 10 -> percent(0.78 * load + jitter);
            case 20 -> new Reading.Value<>(rates.pcieTxBytes() / MIB);
            case 21 -> new Reading.Value<>(rates.pcieRxBytes() / MIB);
            case 60 -> new Reading.Value<>(rates.nvlinkRxBytes() / MIB);
            case 61 -> new Reading.Value<>(rates.nvlinkTxBytes() / MIB);
            default -> new Reading.Unsupported<>();
        };
    }

    private static Reading<Double> percent(double share) {
        return new Reading.Value<>(100 * clamped(share));
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

    private double ringValue(Ring ring, int gpu, Instant at) {
        return ring == Ring.POWER ? Math.round(watts(gpu, at) * 1000) : percent(ring, gpu, at);
    }

    /** A GPU that decodes is nearly always running some kernel; its memory is busy in step with the load. */
    private long percent(Ring ring, int gpu, Instant at) {
        double load = load(gpu, at);
        double share = ring == Ring.MEMORY_UTILIZATION ? 0.72 * load : Math.sqrt(load);
        double jitter = load == 0 ? 0 : 0.03 * wobble(gpu * 7 + ring.samplingType(), at);
        return Math.round(100 * clamped(share + jitter));
    }

    private double watts(int gpu, Instant at) {
        double busy = IDLE_WATTS + load(gpu, at) * (LIMIT_WATTS - IDLE_WATTS) * 0.93;
        return Math.min(LIMIT_WATTS, busy + 6 * wobble(gpu, at));
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
