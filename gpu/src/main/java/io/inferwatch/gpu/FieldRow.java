package io.inferwatch.gpu;

import io.inferwatch.gpu.NvmlFields.Field;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A field as the table has it.
 *
 * @param labels of its series, but for a source that depends on the GPU
 * @param source that one, told after reading
 * @param lowest below it, and above {@code highest}, an answer is garbage (NVML has said 4294967295 %): it is dropped and
 *     counted, never clamped
 * @param fields those of {@code nvmlDeviceGetFieldValues} that {@code read} may look at, asked for in one call
 */
record FieldRow(
        GpuField field,
        Map<String, String> labels,
        Function<DeviceInquiry, Optional<String>> source,
        double lowest,
        double highest,
        ReadingClass readingClass,
        Function<DeviceInquiry, List<Field>> fields,
        Function<DeviceInquiry, Reading<Samples>> read) {

    static FieldRow of(
            String metric, String unit, double lowest, double highest, Function<DeviceInquiry, Reading<Samples>> read) {
        return new FieldRow(
                new GpuField(metric, unit),
                Map.of(),
                gpu -> Optional.empty(),
                lowest,
                highest,
                ReadingClass.BEAT,
                gpu -> List.of(),
                read);
    }

    /** The same with a label. */
    FieldRow by(String label, String value) {
        Map<String, String> more = new HashMap<>(labels);
        more.put(label, value);
        return new FieldRow(field, Map.copyOf(more), source, lowest, highest, readingClass, fields, read);
    }

    /** The same from a source that depends on the GPU. */
    FieldRow from(Function<DeviceInquiry, Optional<String>> driverSource) {
        return new FieldRow(field, labels, driverSource, lowest, highest, readingClass, fields, read);
    }

    /** The same, read as often as others of that class. */
    FieldRow each(ReadingClass often) {
        return new FieldRow(field, labels, source, lowest, highest, often, fields, read);
    }

    /** The same, looking at these fields. */
    FieldRow asking(Field... looked) {
        List<Field> all = List.of(looked);
        return asking(gpu -> all);
    }

    FieldRow asking(Function<DeviceInquiry, List<Field>> looked) {
        return new FieldRow(field, labels, source, lowest, highest, readingClass, looked, read);
    }

    FieldReading answered(Reading<Samples> reading) {
        return new FieldReading(field, labels, reading);
    }

    FieldReading answered(DeviceInquiry gpu, Reading<Samples> reading) {
        return source.apply(gpu)
                .map(name -> by("source", name).answered(reading))
                .orElseGet(() -> answered(reading));
    }
}
