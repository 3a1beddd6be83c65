package io.inferwatch.gpu;

import io.inferwatch.gpu.GpuFields.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Reads the field table from one GPU. Pure but for the calls. */
final class FieldReader {
    private FieldReader() {}

    /**
     * Asks every row, until an answer says that the GPU or the driver is gone: the rest would be told the same, and a
     * lost GPU may take long to say it.
     *
     * @param garbage told each field whose answer was out of range
     * @param tooLate whether nobody waits for the answers any more: nothing further is asked then, as the driver may
     *     have been replaced while a call hung
     * @return one for each row of the table, in its order
     */
    static List<FieldReading> read(DeviceInquiry gpu, Consumer<GpuField> garbage, BooleanSupplier tooLate) {
        gpu.beginPoll();
        List<FieldReading> readings = new ArrayList<>();
        Optional<Integer> fatal = Optional.empty();
        for (Row row : GpuFields.rows()) {
            Reading<Samples> reading =
                    fatal.<Reading<Samples>>map(Reading.Failed::new).orElseGet(() -> ask(row, gpu, garbage, tooLate));
            if (reading instanceof Reading.Failed<Samples>(int code)
                    && (NvmlCode.isGpuLost(code) || NvmlCode.isDriverGone(code))) {
                fatal = Optional.of(code);
            }
            readings.add(row.answered(reading));
        }
        return readings;
    }

    /** The readings of a GPU that was not asked. */
    static List<FieldReading> absent(Standing standing) {
        return GpuFields.rows().stream()
                .map(row -> row.answered(
                        switch (standing) {
                            case Standing.Lost(int code) -> new Reading.Failed<>(code);
                            case Standing.DriverGone(int code) -> new Reading.Failed<>(code);
                            case Standing.Forbidden() -> new Reading.NoPermission<>();
                            case Standing.Answering answering -> new Reading.Stale<>();
                        }))
                .toList();
    }

    /** The readings of a GPU of which there is no news. */
    static List<FieldReading> stale() {
        return absent(new Standing.Answering(Optional.empty()));
    }

    private static Reading<Samples> ask(
            Row row, DeviceInquiry gpu, Consumer<GpuField> garbage, BooleanSupplier tooLate) {
        if (tooLate.getAsBoolean()) {
            return new Reading.Stale<>();
        }
        Reading<Samples> reading = row.read().apply(gpu);
        if (!(reading instanceof Reading.Value<Samples>(Samples samples))) {
            return reading;
        }
        double[] kept = IntStream.range(0, samples.count())
                .mapToDouble(samples::at)
                .filter(value -> value >= row.lowest() && value <= row.highest())
                .toArray();
        if (kept.length == samples.count()) {
            return reading;
        }
        garbage.accept(row.field());
        return kept.length == 0 ? new Reading.Stale<>() : new Reading.Value<>(Samples.of(kept));
    }
}
