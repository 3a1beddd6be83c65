package io.inferwatch.gpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** Reads the field table from one GPU. Pure but for the calls. */
final class FieldReader {
    private FieldReader() {}

    /**
     * Asks every row that is due, until an answer says that the GPU or the driver is gone: the rest would be told the
     * same, and a lost GPU may take long to say it.
     *
     * @param garbage told each field whose answer was out of range
     * @return one for each row that was due, in the order of the table; for every row of a GPU that is gone
     */
    static List<FieldReading> read(DeviceInquiry gpu, List<FieldRow> due, Consumer<GpuField> garbage) {
        gpu.beginPoll(due);
        List<FieldReading> readings = new ArrayList<>();
        for (FieldRow row : due) {
            Reading<Samples> reading = ask(row, gpu, garbage);
            if (reading instanceof Reading.Failed<Samples>(int code)
                    && (NvmlCode.isGpuLost(code) || NvmlCode.isDriverGone(code))) {
                return gone(readings, code);
            }
            readings.add(row.answered(gpu, reading));
        }
        return readings;
    }

    /** The readings of a GPU that was not asked. */
    static List<FieldReading> absent(Standing standing) {
        return all(
                switch (standing) {
                    case Standing.Lost(int code) -> new Reading.Failed<>(code);
                    case Standing.DriverGone(int code) -> new Reading.Failed<>(code);
                    case Standing.Forbidden() -> new Reading.NoPermission<>();
                    case Standing.Answering answering -> new Reading.Stale<>();
                });
    }

    /** The readings of a GPU of which there is no news. */
    static List<FieldReading> stale() {
        return absent(new Standing.Answering(Optional.empty()));
    }

    private static List<FieldReading> all(Reading<Samples> reading) {
        return GpuFields.rows().stream().map(row -> row.answered(reading)).toList();
    }

    /** What was answered before it was gone, and the reason for the rest. */
    private static List<FieldReading> gone(List<FieldReading> answered, int code) {
        return all(new Reading.Failed<>(code)).stream()
                .map(failed ->
                        answered.stream().filter(failed::isSameAs).findFirst().orElse(failed))
                .toList();
    }

    private static Reading<Samples> ask(FieldRow row, DeviceInquiry gpu, Consumer<GpuField> garbage) {
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
