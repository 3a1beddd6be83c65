package io.inferwatch.collector.protobuf;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Function;

/**
 * The fields of one protobuf message, one after the other. Each length is held against what is left. One thread.
 *
 * @param <X> what is thrown at bytes that are no such message
 */
public final class ProtobufReader<X extends Exception> {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final byte[] bytes;
    private final int from;
    private final int end;
    private final Function<String, X> fault;
    private int at;
    private int field;
    private int wire;

    /** @param fault makes what is thrown, of what is wrong: words that may follow "the message", such as "ends within a field" */
    public ProtobufReader(byte[] bytes, Function<String, X> fault) {
        this(bytes, 0, bytes.length, fault);
    }

    private ProtobufReader(byte[] bytes, int from, int end, Function<String, X> fault) {
        this.bytes = bytes;
        this.from = from;
        this.at = from;
        this.end = end;
        this.fault = fault;
    }

    /** The same message from its start: for what must be known before what stands ahead of it. */
    public ProtobufReader<X> again() {
        return new ProtobufReader<>(bytes, from, end, fault);
    }

    public boolean hasMore() {
        return at < end;
    }

    /** Whether the value is a length and so many bytes: repeated numbers come so, or one by one. */
    public boolean isDelimited() {
        return wire == DELIMITED;
    }

    /** Goes to the next field; its value must be taken or skipped before the one after. */
    public boolean next() throws X {
        if (at == end) {
            return false;
        }
        long tag = varintAlone();
        field = (int) (tag >>> 3);
        wire = (int) (tag & 7);
        if (tag < 0 || tag >>> 3 > Integer.MAX_VALUE || field == 0) {
            throw fault.apply("has a field without a number");
        }
        return true;
    }

    public int field() {
        return field;
    }

    public void skip() throws X {
        switch (wire) {
            case VARINT -> varintAlone();
            case FIXED64 -> advance(Long.BYTES);
            case DELIMITED -> delimited();
            case FIXED32 -> advance(Integer.BYTES);
            default -> throw fault.apply("has a field of unknown wire type " + wire);
        }
    }

    public long varint() throws X {
        require(VARINT);
        return varintAlone();
    }

    /** A {@code sint32} or {@code sint64}. */
    public long signed() throws X {
        return unfolded(varint());
    }

    /** A {@code double}. */
    public double real() throws X {
        return Double.longBitsToDouble(fixed64());
    }

    public long fixed64() throws X {
        require(FIXED64);
        return fixed64Alone();
    }

    public ProtobufReader<X> message() throws X {
        require(DELIMITED);
        return delimited();
    }

    /** A text; one of more bytes than this counts as empty. */
    public String text(int mostBytes) throws X {
        ProtobufReader<X> inner = message();
        int length = inner.end - inner.at;
        return length > mostBytes ? "" : new String(bytes, inner.at, length, StandardCharsets.UTF_8);
    }

    /** Bytes in hexadecimal; more than this count as none. */
    public String hex(int mostBytes) throws X {
        ProtobufReader<X> inner = message();
        int length = inner.end - inner.at;
        return length > mostBytes ? "" : HexFormat.of().formatHex(bytes, inner.at, inner.end);
    }

    /** A length and so many bytes, without a tag before them. */
    public ProtobufReader<X> delimited() throws X {
        long length = varintAlone();
        if (length < 0 || length > end - at) {
            throw fault.apply(
                    "has a field of " + Long.toUnsignedString(length) + " bytes with " + (end - at) + " left");
        }
        int start = at;
        at += (int) length;
        return new ProtobufReader<>(bytes, start, at, fault);
    }

    /** The next of a packed field. */
    public long varintAlone() throws X {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            if (at == end) {
                throw fault.apply("ends within a number");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw fault.apply("has a number of more than ten bytes");
    }

    /** The next of a packed field. */
    public long fixed64Alone() throws X {
        int start = at;
        advance(Long.BYTES);
        long bits = 0;
        for (int i = Long.BYTES - 1; i >= 0; i--) {
            bits = bits << Byte.SIZE | (bytes[start + i] & 0xFF);
        }
        return bits;
    }

    /** The number that a {@code sint32} or {@code sint64} stands for. */
    public static long unfolded(long folded) {
        return (folded >>> 1) ^ -(folded & 1);
    }

    private void advance(int length) throws X {
        if (length > end - at) {
            throw fault.apply("ends within a field");
        }
        at += length;
    }

    private void require(int wanted) throws X {
        if (wire != wanted) {
            throw fault.apply("has field " + field + " in wire type " + wire + ", not " + wanted);
        }
    }
}
