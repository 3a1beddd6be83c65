package io.inferwatch.collector.otlp;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** The fields of one protobuf message, one after the other. Each length is held against what is left. */
final class Protobuf {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int from;
    private final int end;
    private int at;
    private int field;
    private int wire;

    Protobuf(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.from = from;
        this.at = from;
        this.end = end;
    }

    /** The same message from its start: for what must be known before what stands ahead of it. */
    Protobuf again() {
        return new Protobuf(bytes, from, end);
    }

    boolean hasMore() {
        return at < end;
    }

    /** Whether the value is a length and so many bytes: repeated numbers come so, or one by one. */
    boolean isDelimited() {
        return wire == DELIMITED;
    }

    /** Goes to the next field; its value must be taken or skipped before the one after. */
    boolean next() throws MalformedOtlpException {
        if (at == end) {
            return false;
        }
        long tag = varintAlone();
        field = (int) (tag >>> 3);
        wire = (int) (tag & 7);
        if (tag < 0 || tag >>> 3 > Integer.MAX_VALUE || field == 0) {
            throw new MalformedOtlpException("the body is no OTLP in protobuf: a field without a number");
        }
        return true;
    }

    int field() {
        return field;
    }

    void skip() throws MalformedOtlpException {
        switch (wire) {
            case VARINT -> varintAlone();
            case FIXED64 -> advance(8);
            case DELIMITED -> message();
            case FIXED32 -> advance(4);
            default -> throw new MalformedOtlpException("the body is no OTLP in protobuf: wire type " + wire);
        }
    }

    long varint() throws MalformedOtlpException {
        require(VARINT);
        return varintAlone();
    }

    /** A {@code sint32} or {@code sint64}. */
    long signed() throws MalformedOtlpException {
        long folded = varint();
        return (folded >>> 1) ^ -(folded & 1);
    }

    double real() throws MalformedOtlpException {
        return Double.longBitsToDouble(fixed64());
    }

    long fixed64() throws MalformedOtlpException {
        require(FIXED64);
        return fixed64Alone();
    }

    /** The next of a packed field. */
    long fixed64Alone() throws MalformedOtlpException {
        int start = at;
        advance(8);
        long bits = 0;
        for (int i = 7; i >= 0; i--) {
            bits = bits << 8 | (bytes[start + i] & 0xFF);
        }
        return bits;
    }

    Protobuf message() throws MalformedOtlpException {
        require(DELIMITED);
        long length = varintAlone();
        if (length < 0 || length > end - at) {
            throw new MalformedOtlpException("the body is no OTLP in protobuf: a field of "
                    + Long.toUnsignedString(length) + " bytes with " + (end - at) + " left");
        }
        int start = at;
        at += (int) length;
        return new Protobuf(bytes, start, at);
    }

    /** A text; one that is longer than any that is used counts as empty. */
    String text() throws MalformedOtlpException {
        Protobuf inner = message();
        int length = inner.end - inner.at;
        return length > Span.MOST_TEXT * 4 ? "" : new String(bytes, inner.at, length, StandardCharsets.UTF_8);
    }

    /** Bytes in hexadecimal; ids are of 8 or 16. */
    String hex() throws MalformedOtlpException {
        Protobuf inner = message();
        int length = inner.end - inner.at;
        return length > 16 ? "" : HexFormat.of().formatHex(bytes, inner.at, inner.end);
    }

    /** The next of a packed field. */
    long varintAlone() throws MalformedOtlpException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw new MalformedOtlpException("the body is no OTLP in protobuf: it ends within a number");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedOtlpException("the body is no OTLP in protobuf: a number of more than ten bytes");
    }

    private void advance(int length) throws MalformedOtlpException {
        if (length > end - at) {
            throw new MalformedOtlpException("the body is no OTLP in protobuf: it ends within a field");
        }
        at += length;
    }

    private void require(int wanted) throws MalformedOtlpException {
        if (wire != wanted) {
            throw new MalformedOtlpException(
                    "the body is no OTLP in protobuf: field " + field + " in wire type " + wire + ", not " + wanted);
        }
    }
}
