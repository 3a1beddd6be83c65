package io.inferwatch.collector.payload;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes written one after the other into memory that grows and is used again. Used by one thread at a time. */
public final class PayloadWriter {
    private static final int FIRST_CAPACITY_BYTES = 1024;
    private static final int MOST_BYTES_OF_A_VARINT = 10;

    private byte[] bytes = new byte[FIRST_CAPACITY_BYTES];
    private int size;

    public int size() {
        return size;
    }

    /** The memory written to; valid up to {@link #size()} and until the next write. */
    public byte[] array() {
        return bytes;
    }

    /** Starts over. Memory above the limit is given back. */
    public void clear(int mostBytesKept) {
        size = 0;
        if (bytes.length > mostBytesKept) {
            bytes = new byte[FIRST_CAPACITY_BYTES];
        }
    }

    public void singleByte(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    /** LEB128, seven bits a byte, the lowest first; a negative number takes ten bytes. */
    public void varint(long value) {
        reserve(MOST_BYTES_OF_A_VARINT);
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            bytes[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[size++] = (byte) rest;
    }

    /** A varint that is short for small numbers of either sign. */
    public void signedVarint(long value) {
        varint((value << 1) ^ (value >> 63));
    }

    /** An IEEE double, eight bytes, the lowest first. */
    public void number(double value) {
        reserve(Double.BYTES);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Double.BYTES; i++) {
            bytes[size++] = (byte) (bits >>> (8 * i));
        }
    }

    /** UTF-8 without its length. Surrogates must come in pairs. */
    public void utf8(String text, int utf8Bytes) {
        reserve(utf8Bytes);
        if (utf8Bytes == text.length()) {
            for (int i = 0; i < utf8Bytes; i++) {
                bytes[size + i] = (byte) text.charAt(i);
            }
            size += utf8Bytes;
        } else {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            raw(encoded, 0, encoded.length);
        }
    }

    /** How many bytes {@link #utf8} writes for this text. */
    public static int utf8Bytes(String text) {
        int count = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Each half of a surrogate pair accounts for two of its four bytes.
            count += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return count;
    }

    public void raw(byte[] from, int offset, int length) {
        reserve(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    private void reserve(int more) {
        if (bytes.length - size < more) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
        }
    }
}
