package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;

/** {@code nvmlValue_t}, a union read by its {@code nvmlValueType_t}. */
final class NvmlValue {
    private NvmlValue() {}

    /** Of a 32-bit value the upper four bytes are junk. @return NaN for a type not known */
    static double read(Memory memory, long at, int valueType) {
        return switch (valueType) {
            case 0 -> memory.getDouble(at);
            case 1 -> Integer.toUnsignedLong(memory.getInt(at));
            case 2, 3, 4 -> memory.getLong(at);
            case 5 -> memory.getInt(at);
            case 6 -> Short.toUnsignedInt(memory.getShort(at));
            default -> Double.NaN;
        };
    }

    static boolean is64BitInteger(int valueType) {
        return valueType == 2 || valueType == 3 || valueType == 4;
    }
}
