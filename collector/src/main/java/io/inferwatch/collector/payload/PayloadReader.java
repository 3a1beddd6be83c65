package io.inferwatch.collector.payload;

import java.nio.ByteBuffer;

/**
 * A payload read front to back. Believes nothing: each length is held against what is left, so that no damaged number
 * makes it allocate more than the payload is long. Used by one thread.
 */
public final class PayloadReader {
    private static final int MOST_BYTES_KEPT = 1 << 20;

    private final TextCache texts;
    private byte[] bytes = new byte[0];
    private int position;
    private int limit;

    /** @param texts where strings seen before are taken from */
    public PayloadReader(TextCache texts) {
        this.texts = texts;
    }

    /** Reads this payload from its start; the buffer is copied and left as it was. */
    public void open(ByteBuffer payload) {
        int length = payload.remaining();
        if (bytes.length < length || (bytes.length > MOST_BYTES_KEPT && length < MOST_BYTES_KEPT)) {
            bytes = new byte[length];
        }
        payload.get(payload.position(), bytes, 0, length);
        position = 0;
        limit = length;
    }

    public int position() {
        return position;
    }

    public int remaining() {
        return limit - position;
    }

    /** Goes on reading elsewhere: past the end of a record whose rest is of no interest. */
    public void position(int newPosition) throws DamagedPayloadException {
        if (newPosition < position || newPosition > limit) {
            throw new DamagedPayloadException("a length points outside the payload");
        }
        position = newPosition;
    }

    /** Reads again from a place this reader was at before. */
    public void returnTo(int earlierPosition) {
        position = Math.clamp(earlierPosition, 0, position);
    }

    public int singleByte() throws DamagedPayloadException {
        if (position >= limit) {
            throw new DamagedPayloadException("payload ends too early");
        }
        return bytes[position++] & 0xFF;
    }

    public long varint() throws DamagedPayloadException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            int next = singleByte();
            value |= (long) (next & 0x7F) << shift;
            if (next < 0x80) {
                return value;
            }
        }
        throw new DamagedPayloadException("a number has more than ten bytes");
    }

    public long signedVarint() throws DamagedPayloadException {
        long value = varint();
        return (value >>> 1) ^ -(value & 1);
    }

    /** An IEEE double, eight bytes, the lowest first; any bits. */
    public double number() throws DamagedPayloadException {
        long bits = 0;
        for (int i = 0; i < Double.BYTES; i++) {
            bits |= (long) singleByte() << (8 * i);
        }
        return Double.longBitsToDouble(bits);
    }

    /** A count or an index: a varint from 0 to this highest one. */
    public int count(int highest) throws DamagedPayloadException {
        long value = varint();
        if (value < 0 || value > highest) {
            throw new DamagedPayloadException(
                    "a count of " + Long.toUnsignedString(value) + ", at most " + highest + " can be here");
        }
        return (int) value;
    }

    /** A length in bytes, of something that follows. */
    public int length() throws DamagedPayloadException {
        int before = position;
        long value = varint();
        if (value < 0 || value > remaining()) {
            throw new DamagedPayloadException("a length of " + Long.toUnsignedString(value) + " at byte " + before
                    + ", with " + remaining() + " bytes left");
        }
        return (int) value;
    }

    /** UTF-8 of this many bytes that occurs often: the string is shared. */
    public String sharedText(int utf8Bytes) throws DamagedPayloadException {
        return texts.of(bytes, take(utf8Bytes), utf8Bytes);
    }

    /** UTF-8 of this many bytes that occurs once. */
    public String text(int utf8Bytes) throws DamagedPayloadException {
        return TextCache.decode(bytes, take(utf8Bytes), utf8Bytes);
    }

    private int take(int length) throws DamagedPayloadException {
        if (length < 0 || length > remaining()) {
            throw new DamagedPayloadException("payload ends too early");
        }
        int from = position;
        position += length;
        return from;
    }
}
