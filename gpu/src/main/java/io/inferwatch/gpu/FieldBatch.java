package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The fields of one poll, asked for in a single call; what the driver does not know is not asked again. One thread. */
final class FieldBatch {
    private final Nvml nvml;
    private final Device device;
    private final Set<Field> unsupported = new HashSet<>();
    private final Set<Field> wanted = new LinkedHashSet<>();
    private final Map<Field, Reading<FieldValue>> answers = new HashMap<>();

    FieldBatch(Nvml nvml, Device device) {
        this.nvml = nvml;
        this.device = device;
    }

    /** @param fields all that will be read in this poll, if they are not yet known to be unsupported */
    void beginPoll(Collection<Field> fields) {
        answers.clear();
        wanted.clear();
        wanted.addAll(fields);
        wanted.removeAll(unsupported);
    }

    Reading<FieldValue> read(Field field) {
        if (unsupported.contains(field)) {
            return new Reading.Unsupported<>();
        }
        if (!answers.containsKey(field)) {
            wanted.add(field);
            ask();
        }
        return answers.getOrDefault(field, new Reading.Stale<>());
    }

    private void ask() {
        List<Field> asked = List.copyOf(wanted);
        wanted.clear();
        Reading<List<Reading<FieldValue>>> told = nvml.fieldValues(device, asked);
        for (int i = 0; i < asked.size(); i++) {
            int row = i;
            Reading<FieldValue> answer = told instanceof Reading.Value<List<Reading<FieldValue>>>(var rows)
                    ? finite(rows.get(row))
                    : told.map(none -> new FieldValue(false, 0));
            answers.put(asked.get(row), answer);
            if (answer instanceof Reading.Unsupported<FieldValue>) {
                unsupported.add(asked.get(row));
            }
        }
    }

    /** A value of a type no header names is NaN. */
    private static Reading<FieldValue> finite(Reading<FieldValue> answer) {
        return answer instanceof Reading.Value<FieldValue>(FieldValue value) && !Double.isFinite(value.value())
                ? new Reading.Stale<>()
                : answer;
    }
}
