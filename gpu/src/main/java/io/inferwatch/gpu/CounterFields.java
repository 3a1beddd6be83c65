package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.NumberQuery;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import io.inferwatch.gpu.NvmlFields.SramErrors;
import io.inferwatch.gpu.NvmlFields.WideQuery;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the driver counts, and the flags that go with it. A reading is the counter as it stands; who keeps it takes what was added. */
final class CounterFields {
    /** More than a counter can be without being garbage: 10¹⁸ fits a double and 64 bits. */
    private static final double MOST = 1e18;

    /** NVML_FI_DEV_TOTAL_ENERGY_CONSUMPTION, in mJ. */
    private static final Field ENERGY = Field.of(83);

    /** NVML_FI_DEV_NVLINK_GET_STATE of each link a header knows of, 1 while it is active. */
    private static final List<Field> LINK_STATES =
            IntStream.range(0, 36).mapToObj(link -> new Field(165, link)).toList();

    private CounterFields() {}

    static List<FieldRow> rows() {
        return Stream.of(time(), links(), health()).flatMap(List::stream).toList();
    }

    private static List<FieldRow> time() {
        FieldRow energy = FieldRow.of("gpu.energy", "J", 0, MOST, gpu -> samples(energy(gpu), 1e-3))
                .asking(ENERGY);
        Stream<FieldRow> throttle = Arrays.stream(ThrottleReason.values())
                .map(reason -> FieldRow.of("gpu.throttle", "s", 0, 1e9, gpu -> samples(gpu.throttleSeconds(reason), 1))
                        .asking(gpu -> gpu.throttleFields(reason))
                        .by("reason", reason.label()));
        return Stream.concat(Stream.of(energy), throttle).toList();
    }

    private static Reading<Double> energy(DeviceInquiry gpu) {
        return either(gpu.field(ENERGY), () -> gpu.wide(WideQuery.of("nvmlDeviceGetTotalEnergyConsumption")));
    }

    private static List<FieldRow> links() {
        return Stream.of(
                        moved("gpu.pcie.bytes", "tx", Field.of(197), 1, GpmWindow.PCIE_TX),
                        moved("gpu.pcie.bytes", "rx", Field.of(198), 1, GpmWindow.PCIE_RX),
                        moved("gpu.nvlink.bytes", "tx", Field.ofAllLinks(138), 1024, GpmWindow.NVLINK_TX),
                        moved("gpu.nvlink.bytes", "rx", Field.ofAllLinks(139), 1024, GpmWindow.NVLINK_RX),
                        counted(
                                "gpu.pcie.replays",
                                Field.of(94),
                                gpu -> gpu.number(NumberQuery.of("nvmlDeviceGetPcieReplayCounter"))),
                        level("gpu.pcie.generation", 16, "nvmlDeviceGetCurrPcieLinkGeneration"),
                        level("gpu.pcie.width", 64, "nvmlDeviceGetCurrPcieLinkWidth"),
                        linkErrors("crc_flit", Field.of(38)),
                        linkErrors("crc_data", Field.of(45)),
                        linkErrors("replay", Field.of(52)),
                        FieldRow.of("gpu.nvlink.links", "count", 0, LINK_STATES.size(), CounterFields::linksUp)
                                .asking(gpu -> LINK_STATES),
                        // Blackwell and newer have one counter for all recoveries in place of the old one.
                        linkErrors("recovery", Field.of(59), Field.of(215)))
                .map(row -> row.each(ReadingClass.LINKS))
                .toList();
    }

    /** By the driver's own byte counter, or by what GPM measured from poll to poll where there is none of 64 bits. */
    private static FieldRow moved(String metric, String direction, Field counter, int bytesPerStep, int gpmRate) {
        Function<DeviceInquiry, Reading<Samples>> read = gpu -> {
            Reading<Double> counted = gpu.field64(counter);
            return counted instanceof Reading.Unsupported<Double>
                    ? samples(gpu.gpmBytes(gpmRate), 1)
                    : samples(counted, bytesPerStep);
        };
        return FieldRow.of(metric, "bytes", 0, MOST, read).asking(counter).by("direction", direction);
    }

    private static FieldRow level(String metric, int most, String symbol) {
        return FieldRow.of(
                metric,
                "count",
                1,
                most,
                gpu -> samples(gpu.number(NumberQuery.of(symbol)).map(Long::doubleValue), 1));
    }

    private static FieldRow linkErrors(String kind, Field... counters) {
        Function<DeviceInquiry, Reading<Samples>> read = gpu -> {
            Reading<Double> answer = new Reading.Unsupported<>();
            for (Field counter : counters) {
                if (answer instanceof Reading.Unsupported<Double>) {
                    answer = gpu.field(counter).map(FieldValue::value);
                }
            }
            return samples(answer, 1);
        };
        return FieldRow.of("gpu.nvlink.errors", "count", 0, MOST, read)
                .asking(counters)
                .by("kind", kind);
    }

    /** A link the GPU does not have is not told; where none is, neither is their number. */
    private static Reading<Samples> linksUp(DeviceInquiry gpu) {
        List<Reading<FieldValue>> told = LINK_STATES.stream()
                .map(gpu::field)
                .filter(state -> !(state instanceof Reading.Unsupported<FieldValue>))
                .toList();
        for (Reading<FieldValue> state : told) {
            if (!(state instanceof Reading.Value<FieldValue>)) {
                return samples(state.map(FieldValue::value), 1);
            }
        }
        long up = told.stream()
                .filter(state -> state instanceof Reading.Value<FieldValue>(FieldValue value) && value.value() > 0)
                .count();
        return told.isEmpty() ? new Reading.Unsupported<>() : new Reading.Value<>(Samples.of((double) up));
    }

    private static List<FieldRow> health() {
        return Stream.of(
                        counted("gpu.ecc.errors", Field.of(3), gpu -> gpu.wide(totalErrors(0)))
                                .by("kind", "corrected"),
                        counted("gpu.ecc.errors", Field.of(4), gpu -> gpu.wide(totalErrors(1)))
                                .by("kind", "uncorrected"),
                        sram("gpu.ecc.sram.errors", "count", SramErrors::corrected)
                                .by("kind", "corrected"),
                        sram("gpu.ecc.sram.errors", "count", SramErrors::parity).by("kind", "parity"),
                        sram("gpu.ecc.sram.errors", "count", SramErrors::secDed).by("kind", "uncorrected"),
                        sram("gpu.ecc.sram.threshold_exceeded", "0/1", errors -> flag(errors.isThresholdExceeded())),
                        counted(
                                        "gpu.rows.remapped",
                                        Field.of(142),
                                        gpu -> gpu.remappedRows().map(NvmlFields.RemappedRows::correctable))
                                .by("kind", "corrected"),
                        counted(
                                        "gpu.rows.remapped",
                                        Field.of(143),
                                        gpu -> gpu.remappedRows().map(NvmlFields.RemappedRows::uncorrectable))
                                .by("kind", "uncorrected"),
                        flagged(
                                "gpu.rows.pending",
                                Field.of(144),
                                gpu -> gpu.remappedRows().map(rows -> flag(rows.isPending()))),
                        flagged(
                                "gpu.rows.failed",
                                Field.of(145),
                                gpu -> gpu.remappedRows().map(rows -> flag(rows.hasFailed()))),
                        counted("gpu.pages.retired", Field.of(29), gpu -> new Reading.Unsupported<>())
                                .by("kind", "corrected"),
                        counted("gpu.pages.retired", Field.of(30), gpu -> new Reading.Unsupported<>())
                                .by("kind", "uncorrected"),
                        flagged(
                                "gpu.pages.pending",
                                Field.of(31),
                                gpu -> gpu.number(NumberQuery.of("nvmlDeviceGetRetiredPagesPendingStatus"))))
                .map(row -> row.each(ReadingClass.HEALTH))
                .toList();
    }

    /** Errors since the driver was loaded, of all memories; the type is a {@code nvmlMemoryErrorType_t}. */
    private static WideQuery totalErrors(int type) {
        return WideQuery.of("nvmlDeviceGetTotalEccErrors", type, 0);
    }

    private static FieldRow counted(String metric, Field field, Function<DeviceInquiry, Reading<Long>> older) {
        return FieldRow.of(
                        metric, "count", 0, MOST, gpu -> samples(either(gpu.field(field), () -> older.apply(gpu)), 1))
                .asking(field);
    }

    /** The driver says how many wait; that one does is what is told. */
    private static FieldRow flagged(String metric, Field field, Function<DeviceInquiry, Reading<Long>> older) {
        return FieldRow.of(
                        metric,
                        "0/1",
                        0,
                        1,
                        gpu -> samples(
                                either(gpu.field(field), () -> older.apply(gpu)).map(value -> value > 0 ? 1.0 : value),
                                1))
                .asking(field);
    }

    private static FieldRow sram(String metric, String unit, Function<SramErrors, Long> part) {
        return FieldRow.of(
                metric, unit, 0, MOST, gpu -> samples(gpu.sramErrors().map(part).map(Long::doubleValue), 1));
    }

    private static long flag(boolean isSet) {
        return isSet ? 1 : 0;
    }

    private static Reading<Double> either(Reading<FieldValue> field, Supplier<Reading<Long>> older) {
        return field instanceof Reading.Unsupported<FieldValue>
                ? older.get().map(Long::doubleValue)
                : field.map(FieldValue::value);
    }

    private static Reading<Samples> samples(Reading<Double> answer, double unitsPerStep) {
        return answer.map(steps -> Samples.of(steps * unitsPerStep));
    }
}
