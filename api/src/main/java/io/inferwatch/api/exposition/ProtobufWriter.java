package io.inferwatch.api.exposition;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes one protobuf message, field by field. Fields that stand at their default may be left out by the caller. */
final class ProtobufWriter {
    private static final int VARINT = 0;
    private static final int FIXED_64 = 1;
    private static final int LENGTH = 2;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtobufWriter varint(int field, long value) {
        raw(((long) field << 3) | VARINT);
        raw(value);
        return this;
    }

    /** {@code sint32}, {@code sint64}. */
    ProtobufWriter zigzag(int field, long value) {
        return varint(field, zigzag(value));
    }

    ProtobufWriter number(int field, double value) {
        raw(((long) field << 3) | FIXED_64);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Long.BYTES; i++) {
            out.write((int) (bits >>> (8 * i)));
        }
        return this;
    }

    ProtobufWriter text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtobufWriter message(int field, ProtobufWriter message) {
        return bytes(field, message.toBytes());
    }

    ProtobufWriter bytes(int field, byte[] value) {
        raw(((long) field << 3) | LENGTH);
        raw(value.length);
        out.writeBytes(value);
        return this;
    }

    /** Several {@code sint64} as one field. */
    ProtobufWriter packedZigzags(int field, long[] values) {
        ProtobufWriter packed = new ProtobufWriter();
        for (long value : values) {
            packed.raw(zigzag(value));
        }
        return message(field, packed);
    }

    private static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    /** A varint that belongs to no field. */
    void raw(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) ((rest & 0x7F) | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
    }

    int size() {
        return out.size();
    }

    byte[] toBytes() {
        return out.toByteArray();
    }
}
