package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.Ring;
import io.inferwatch.gpu.NvmlFields.Field;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * Everything that is read from a GPU: a row a series, with its unit, what can be true of it, how often it is read, and
 * the NVML call. Here levels; counters in {@link CounterFields}.
 */
public final class GpuFields {
    /** 1 while the GPU answers; 0 when it is lost, hung or missing from the expected set. */
    public static final GpuField UP = new GpuField("gpu.up", "0/1");

    private static final double MAX_BYTES = 1L << 50;

    /** NVML_FI_DEV_MEMORY_TEMP. */
    private static final Field MEMORY_TEMPERATURE = Field.of(82);

    /** NVML_FI_DEV_POWER_INSTANT, in mW. */
    private static final Field POWER_INSTANT = Field.of(186);

    /** NVML_FI_DEV_GET_GPU_RECOVERY_ACTION: {@code nvmlDeviceGpuRecoveryAction_t}. */
    private static final Field RECOVERY_ACTION = Field.of(230);

    private static final List<FieldRow> LEVELS = List.of(
            FieldRow.of("gpu.utilization", "%", 0, 100, gpu -> percents(gpu, Ring.GPU_UTILIZATION)),
            FieldRow.of("gpu.sm.utilization", "%", 0, 100, GpuFields::smPercents)
                    .from(gpu -> Optional.of(gpu.gpmTells(GpmWindow.SM) ? "gpm" : "nvml")),
            FieldRow.of("gpu.memory.copy_utilization", "%", 0, 100, gpu -> percents(gpu, Ring.MEMORY_UTILIZATION)),
            FieldRow.of(
                    "gpu.memory.used",
                    "bytes",
                    0,
                    MAX_BYTES,
                    gpu -> one(gpu.memory().map(DeviceInquiry.Memory::usedBytes), 1)),
            FieldRow.of(
                    "gpu.memory.total",
                    "bytes",
                    1,
                    MAX_BYTES,
                    gpu -> one(gpu.memory().map(DeviceInquiry.Memory::totalBytes), 1)),
            FieldRow.of("gpu.memory.reserved", "bytes", 0, MAX_BYTES, gpu -> one(gpu.memoryReservedBytes(), 1)),
            FieldRow.of("gpu.power", "W", 0.001, 20_000, GpuFields::watts),
            FieldRow.of(
                    "gpu.power.limit",
                    "W",
                    0.001,
                    20_000,
                    gpu -> one(
                            gpu.firstSupported(
                                    NumberQuery.of("nvmlDeviceGetEnforcedPowerLimit"),
                                    NumberQuery.of("nvmlDeviceGetPowerManagementLimit")),
                            1e-3)),
            FieldRow.of("gpu.temperature", "C", 0, 200, gpu -> celsius(gpu.temperature())),
            FieldRow.of(
                            "gpu.temperature.memory",
                            "C",
                            0.001,
                            200,
                            gpu -> gpu.field(MEMORY_TEMPERATURE).map(value -> Samples.of(value.value())))
                    .asking(MEMORY_TEMPERATURE),
            FieldRow.of("gpu.temperature.margin", "C", -200, 200, gpu -> celsius(gpu.marginTemperature())),
            selected("gpu.clock.sm", "MHz", 0, 20_000, "nvmlDeviceGetClockInfo", Selector.CLOCK_SM),
            selected("gpu.clock.memory", "MHz", 0, 20_000, "nvmlDeviceGetClockInfo", Selector.CLOCK_MEMORY),
            FieldRow.of(
                            "gpu.recovery_action",
                            "count",
                            0,
                            100,
                            gpu -> gpu.field(RECOVERY_ACTION).map(value -> Samples.of(value.value())))
                    .asking(RECOVERY_ACTION),
            activity("gpu.sm.occupancy", GpmWindow.OCCUPANCY),
            activity("gpu.tensor.active", GpmWindow.TENSOR),
            activity("gpu.dram.active", GpmWindow.DRAM),
            activity("gpu.graphics.active", GpmWindow.GRAPHICS));

    private static final List<FieldRow> ROWS = Stream.of(LEVELS, ClockEvents.rows(), CounterFields.rows())
            .flatMap(List::stream)
            .toList();

    private GpuFields() {}

    /** {@code nvmlClockType_t}. */
    private enum Selector {
        CLOCK_SM(1),
        CLOCK_MEMORY(2);

        private final int number;

        Selector(int number) {
            this.number = number;
        }
    }

    /** Every field, {@link #UP} first, in the order they are read. */
    public static List<GpuField> all() {
        return Stream.concat(Stream.of(UP), ROWS.stream().map(FieldRow::field))
                .distinct()
                .toList();
    }

    /** {@link #UP} of a GPU that stands so. */
    static FieldReading up(Standing standing) {
        Reading<Samples> up = switch (standing) {
            case Standing.Answering answering -> new Reading.Value<>(Samples.of(1));
            case Standing.Lost lost -> new Reading.Value<>(Samples.of(0));
            case Standing.DriverGone gone -> new Reading.Value<>(Samples.of(0));
            case Standing.Forbidden forbidden -> new Reading.NoPermission<>();
        };
        return new FieldReading(UP, Optional.empty(), up);
    }

    /** The readings of a GPU that is missing or hung: down, and no news of the rest. */
    static List<FieldReading> down() {
        FieldReading down = new FieldReading(UP, Optional.empty(), new Reading.Value<>(Samples.of(0)));
        return Stream.concat(Stream.of(down), FieldReader.stale().stream()).toList();
    }

    static List<FieldRow> rows() {
        return ROWS;
    }

    private static FieldRow selected(
            String metric, String unit, double lowest, double highest, String symbol, Selector selector) {
        NumberQuery query = NumberQuery.of(symbol, selector.number);
        return FieldRow.of(metric, unit, lowest, highest, gpu -> one(gpu.number(query), 1));
    }

    private static FieldRow activity(String metric, int gpmMetric) {
        Function<DeviceInquiry, Reading<Samples>> read =
                gpu -> gpu.gpm(gpmMetric).map(percent -> Samples.of(rangeChecked(percent)));
        return FieldRow.of(metric, "%", 0, 100, read).by("source", "gpm");
    }

    private static Reading<Samples> smPercents(DeviceInquiry gpu) {
        return gpu.gpmTells(GpmWindow.SM)
                ? gpu.gpm(GpmWindow.SM).map(percent -> Samples.of(rangeChecked(percent)))
                : percents(gpu, Ring.GPU_UTILIZATION);
    }

    /** Every value of the driver's ring, and last the one it gives now, which on some products is the mean of a second. */
    private static Reading<Samples> watts(DeviceInquiry gpu) {
        Reading<Double> now =
                gpu.number(NumberQuery.of("nvmlDeviceGetPowerUsage")).map(Long::doubleValue);
        if (now instanceof Reading.Unsupported<Double>) {
            now = gpu.field(POWER_INSTANT).map(NvmlFields.FieldValue::value);
        }
        List<Double> between = gpu.sinceLastPoll(Ring.POWER);
        return now.map(milliwatts -> Samples.of(Stream.concat(between.stream(), Stream.of(milliwatts))
                .mapToDouble(value -> rangeChecked(value) * 1e-3)
                .toArray()));
    }

    private static Reading<Samples> one(Reading<Long> answer, double unitsPerStep) {
        return answer.map(steps -> Samples.of(steps * unitsPerStep));
    }

    private static Reading<Samples> celsius(Reading<Integer> answer) {
        return answer.map(degrees -> Samples.of(degrees));
    }

    private static Reading<Samples> percents(DeviceInquiry gpu, Ring ring) {
        return gpu.percents(ring)
                .map(values -> Samples.of(values.stream()
                        .flatMapToDouble(DoubleStream::of)
                        .map(GpuFields::rangeChecked)
                        .toArray()));
    }

    /** A double from the driver may be NaN; as −10⁹ it falls to the range check, like any other garbage. */
    private static double rangeChecked(double value) {
        return Double.isFinite(value) ? value : -1e9;
    }
}
