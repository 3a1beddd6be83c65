package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.Nvml.Ring;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** Everything that is read from a GPU: a row a field, with its unit, what can be true of it, and the NVML call. */
public final class GpuFields {
    /** 1 while the GPU answers; 0 when it is lost, hung or missing from the expected set. */
    public static final GpuField UP = new GpuField("gpu.up", "0/1");

    private static final double MAX_BYTES = 1L << 50;

    private static final List<Row> ROWS = List.of(
            row("gpu.utilization", "%", 0, 100, gpu -> percents(gpu, Ring.GPU_UTILIZATION)),
            row("gpu.sm.utilization", "%", 0, 100, gpu -> percents(gpu, Ring.GPU_UTILIZATION))
                    .from("nvml"),
            row("gpu.memory.copy_utilization", "%", 0, 100, gpu -> percents(gpu, Ring.MEMORY_UTILIZATION)),
            row(
                    "gpu.memory.used",
                    "bytes",
                    0,
                    MAX_BYTES,
                    gpu -> one(gpu.memory().map(DeviceInquiry.Memory::usedBytes), 1)),
            row(
                    "gpu.memory.total",
                    "bytes",
                    1,
                    MAX_BYTES,
                    gpu -> one(gpu.memory().map(DeviceInquiry.Memory::totalBytes), 1)),
            row("gpu.memory.reserved", "bytes", 0, MAX_BYTES, gpu -> one(gpu.memoryReservedBytes(), 1)),
            number("gpu.power", "W", 0.001, 20_000, 1e-3, "nvmlDeviceGetPowerUsage"),
            row(
                    "gpu.power.limit",
                    "W",
                    0.001,
                    20_000,
                    gpu -> one(
                            gpu.firstSupported(
                                    NumberQuery.of("nvmlDeviceGetEnforcedPowerLimit"),
                                    NumberQuery.of("nvmlDeviceGetPowerManagementLimit")),
                            1e-3)),
            selected("gpu.temperature", "C", 0, 200, "nvmlDeviceGetTemperature", Selector.TEMPERATURE_GPU),
            selected("gpu.clock.sm", "MHz", 0, 20_000, "nvmlDeviceGetClockInfo", Selector.CLOCK_SM),
            selected("gpu.clock.memory", "MHz", 0, 20_000, "nvmlDeviceGetClockInfo", Selector.CLOCK_MEMORY),
            row("gpu.recovery_action", "count", 0, 100, gpu -> one(gpu.recoveryAction(), 1)));

    private GpuFields() {}

    /** {@code nvmlTemperatureSensors_t} and {@code nvmlClockType_t}. */
    private enum Selector {
        TEMPERATURE_GPU(0),
        CLOCK_SM(1),
        CLOCK_MEMORY(2);

        private final int number;

        Selector(int number) {
            this.number = number;
        }
    }

    /**
     * @param lowest below it, and above {@code highest}, an answer is garbage (NVML has said 4294967295 %): it is
     *     dropped and counted, never clamped
     */
    record Row(
            GpuField field,
            Optional<String> source,
            double lowest,
            double highest,
            Function<DeviceInquiry, Reading<Samples>> read) {
        private Row from(String driverSource) {
            return new Row(field, Optional.of(driverSource), lowest, highest, read);
        }

        FieldReading answered(Reading<Samples> reading) {
            return new FieldReading(field, source, reading);
        }
    }

    /** Every field, {@link #UP} first, in the order they are read. */
    public static List<GpuField> all() {
        return Stream.concat(Stream.of(UP), ROWS.stream().map(Row::field)).toList();
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

    static List<Row> rows() {
        return ROWS;
    }

    private static Row row(
            String metric, String unit, double lowest, double highest, Function<DeviceInquiry, Reading<Samples>> read) {
        return new Row(new GpuField(metric, unit), Optional.empty(), lowest, highest, read);
    }

    private static Row number(
            String metric, String unit, double lowest, double highest, double unitsPerStep, String symbol) {
        return row(metric, unit, lowest, highest, gpu -> one(gpu.number(NumberQuery.of(symbol)), unitsPerStep));
    }

    private static Row selected(
            String metric, String unit, double lowest, double highest, String symbol, Selector selector) {
        NumberQuery query = NumberQuery.of(symbol, selector.number);
        return row(metric, unit, lowest, highest, gpu -> one(gpu.number(query), 1));
    }

    private static Reading<Samples> one(Reading<Long> answer, double unitsPerStep) {
        return answer.map(steps -> Samples.of(steps * unitsPerStep));
    }

    private static Reading<Samples> percents(DeviceInquiry gpu, Ring ring) {
        // A double from the ring may be NaN; as -1 it falls to the range check, like any other garbage.
        return gpu.percents(ring)
                .map(values -> Samples.of(values.stream()
                        .flatMapToDouble(DoubleStream::of)
                        .map(percent -> Double.isFinite(percent) ? percent : -1)
                        .toArray()));
    }
}
