package io.inferwatch.collector.scrape.page;

/** The fields of one protobuf message, one after the other. Each length is held against what is left. */
final class ProtobufFields {
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

    ProtobufFields(byte[] bytes, int from, int end) {
        this.bytes = bytes;
        this.from = from;
        this.end = end;
        this.at = from;
    }

    /** The same message from its start. */
    ProtobufFields again() {
        return new ProtobufFields(bytes, from, end);
    }

    boolean hasMore() {
        return at < end;
    }

    /** Goes to the next field; its value must be taken or skipped before the one after. */
    boolean next() throws MalformedPageException {
        if (at == end) {
            return false;
        }
        long tag = raw();
        field = (int) (tag >>> 3);
        wire = (int) (tag & 7);
        return true;
    }

    int field() {
        return field;
    }

    boolean isPacked() {
        return wire == DELIMITED;
    }

    void skip() throws MalformedPageException {
        switch (wire) {
            case VARINT -> raw();
            case FIXED64 -> advance(8);
            case DELIMITED -> delimited();
            case FIXED32 -> advance(4);
            default -> throw new MalformedPageException("has a field of unknown wire type " + wire);
        }
    }

    long varint() throws MalformedPageException {
        require(VARINT);
        return raw();
    }

    long signed() throws MalformedPageException {
        return unfolded(varint());
    }

    double number() throws MalformedPageException {
        require(FIXED64);
        return rawNumber();
    }

    String text() throws MalformedPageException {
        ProtobufFields inner = message();
        return ProtobufPage.utf8(bytes, inner.at, inner.end);
    }

    ProtobufFields message() throws MalformedPageException {
        require(DELIMITED);
        return delimited();
    }

    /** A length and so many bytes, without a tag before them. */
    ProtobufFields delimited() throws MalformedPageException {
        long length = raw();
        if (length < 0 || length > end - at) {
            throw new MalformedPageException(
                    "of " + Long.toUnsignedString(length) + " bytes, with " + (end - at) + " left");
        }
        int start = at;
        at += (int) length;
        return new ProtobufFields(bytes, start, at);
    }

    /** The next number of a packed field. */
    long raw() throws MalformedPageException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == end) {
                throw new MalformedPageException("ends within a number");
            }
            byte next = bytes[at++];
            value |= (long) (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new MalformedPageException("has a number of more than ten bytes");
    }

    double rawNumber() throws MalformedPageException {
        int start = at;
        advance(8);
        long bits = 0;
        for (int i = 7; i >= 0; i--) {
            bits = bits << 8 | (bytes[start + i] & 0xFF);
        }
        return Double.longBitsToDouble(bits);
    }

    static long unfolded(long folded) {
        return (folded >>> 1) ^ -(folded & 1);
    }

    private void advance(int length) throws MalformedPageException {
        if (length > end - at) {
            throw new MalformedPageException("ends within a field");
        }
        at += length;
    }

    private void require(int wanted) throws MalformedPageException {
        if (wire != wanted) {
            throw new MalformedPageException("has field " + field + " in wire type " + wire + ", not " + wanted);
        }
    }
}
