package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.NvmlFields.Field;
import io.inferwatch.gpu.NvmlFields.FieldValue;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.List;

/** {@code nvmlDeviceGetFieldValues}: an array of records, each with its question, its return code and its answer. */
final class FieldBlock {
    private static final String SYMBOL = "nvmlDeviceGetFieldValues";
    private static final int FIELD_ID = 0;
    private static final int SCOPE_ID = 4;
    private static final int VALUE_TYPE = 24;
    private static final int RETURN = 28;
    private static final int VALUE = 32;

    /** More than the fields of one poll. */
    private static final int MOST_FIELDS = 128;

    private final NativeCall call;
    private final ThreadLocal<Memory> blocks =
            ThreadLocal.withInitial(() -> new Memory((long) MOST_FIELDS * NvmlLayout.FIELD_VALUE.sizeBytes()));

    FieldBlock(NativeCall call) {
        this.call = call;
    }

    Reading<List<Reading<FieldValue>>> read(Pointer device, List<Field> fields) {
        if (fields.size() > MOST_FIELDS) {
            throw new IllegalArgumentException(fields.size() + " fields in one call, at most " + MOST_FIELDS);
        }
        Memory block = blocks.get();
        block.clear();
        for (int i = 0; i < fields.size(); i++) {
            block.setInt(at(i) + FIELD_ID, fields.get(i).number());
            block.setInt(at(i) + SCOPE_ID, fields.get(i).scope());
        }
        int code = call.of(SYMBOL, device, fields.size(), block);
        return NvmlCode.reading(code, () -> answers(block, fields.size()));
    }

    private static List<Reading<FieldValue>> answers(Memory block, int count) {
        List<Reading<FieldValue>> answers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long at = at(i);
            int code = block.getInt(at + RETURN);
            // To a field of a later driver this one says that the argument is invalid.
            answers.add(
                    code == NvmlCode.INVALID_ARGUMENT
                            ? new Reading.Unsupported<>()
                            : NvmlCode.reading(code, () -> value(block, at)));
        }
        return answers;
    }

    private static FieldValue value(Memory block, long at) {
        int type = block.getInt(at + VALUE_TYPE);
        return new FieldValue(NvmlValue.is64BitInteger(type), NvmlValue.read(block, at + VALUE, type));
    }

    private static long at(int row) {
        return (long) row * NvmlLayout.FIELD_VALUE.sizeBytes();
    }
}
