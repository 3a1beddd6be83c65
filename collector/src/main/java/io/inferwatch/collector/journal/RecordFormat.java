package io.inferwatch.collector.journal;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * The journal's record, which Chronicle Queue carries as one opaque document. All numbers are big-endian.
 *
 * <pre>
 *   0        4        8   9   10      12       16                24                32
 *   +--------+--------+---+---+-------+--------+-----------------+-----------------+----------
 *   | "IWJR" | CRC32C | v | k |   0   | length | sequence number | receive time    | payload
 *   +--------+--------+---+---+-------+--------+-----------------+-----------------+----------
 *
 *   CRC32C   of everything behind it, from offset 8 to the end of the payload
 *   v        version of this layout: 1
 *   k        kind: 0 a record, 1 the opening of a segment, which carries no record
 *   length   of the payload, bytes; 0 to 8 MiB
 *   receive  epoch milliseconds by the journal's monotone clock
 * </pre>
 *
 * Chronicle Queue checks no payload: the checksum finds flipped bytes, the sequence number what is missing, and the
 * magic lets {@link SegmentScan} find records behind a damaged page.
 */
final class RecordFormat {
    static final int MAGIC = 'I' << 24 | 'W' << 16 | 'J' << 8 | 'R';
    static final int HEADER_BYTES = 32;
    static final int MAX_PAYLOAD_BYTES = 8 << 20;
    /** Chronicle Queue aligns documents to four bytes and may count the padding in. */
    static final int MAX_PADDING_BYTES = 3;

    static final byte RECORD = 0;
    static final byte OPENING = 1;

    private static final byte VERSION = 1;
    private static final int CRC_OFFSET = 4;
    private static final int CHECKED_OFFSET = 8;
    private static final int KIND_OFFSET = 9;
    private static final int LENGTH_OFFSET = 12;
    private static final int SEQUENCE_OFFSET = 16;
    private static final int RECEIVED_OFFSET = 24;

    /** What a document turned out to be. */
    enum Check {
        WHOLE,
        /** A record by its frame, with other bytes in it than were written, or of a later version. */
        DAMAGED,
        /** No record of ours: whoever led here has lost the way. */
        FOREIGN
    }

    private RecordFormat() {}

    /** Clears the target and leaves it ready to be read. Sets its byte order, which Chronicle Queue changes. */
    static void encode(ByteBuffer target, byte kind, long sequence, long receivedEpochMillis, ByteBuffer payload) {
        target.clear().order(ByteOrder.BIG_ENDIAN);
        target.putInt(MAGIC).putInt(0).put(VERSION).put(kind).putShort((short) 0);
        target.putInt(payload.remaining()).putLong(sequence).putLong(receivedEpochMillis);
        target.put(payload.duplicate());
        target.flip();
        target.putInt(CRC_OFFSET, crc(target, 0, target.limit() - HEADER_BYTES));
    }

    /** Looks at the document between the buffer's position and limit. */
    static Check check(ByteBuffer document) {
        int at = document.position();
        int remaining = document.remaining();
        if (remaining < HEADER_BYTES || document.getInt(at) != MAGIC) {
            return Check.FOREIGN;
        }
        int length = payloadBytes(document, at);
        int rest = remaining - HEADER_BYTES - length;
        if (length < 0 || rest < 0 || rest > MAX_PADDING_BYTES) {
            return Check.FOREIGN;
        }
        return isWhole(document, at) ? Check.WHOLE : Check.DAMAGED;
    }

    /** The caller has seen to it that the record lies within the buffer. */
    static boolean isWhole(ByteBuffer buffer, int at) {
        return buffer.get(at + CHECKED_OFFSET) == VERSION
                && buffer.getInt(at + CRC_OFFSET) == crc(buffer, at, payloadBytes(buffer, at));
    }

    static int payloadBytes(ByteBuffer buffer, int at) {
        return buffer.getInt(at + LENGTH_OFFSET);
    }

    static byte kind(ByteBuffer buffer, int at) {
        return buffer.get(at + KIND_OFFSET);
    }

    static long sequence(ByteBuffer buffer, int at) {
        return buffer.getLong(at + SEQUENCE_OFFSET);
    }

    static long receivedEpochMillis(ByteBuffer buffer, int at) {
        return buffer.getLong(at + RECEIVED_OFFSET);
    }

    static ByteBuffer payload(ByteBuffer buffer, int at) {
        return buffer.slice(at + HEADER_BYTES, payloadBytes(buffer, at));
    }

    private static int crc(ByteBuffer buffer, int at, int payloadBytes) {
        CRC32C crc = new CRC32C();
        ByteBuffer checked = buffer.duplicate();
        checked.limit(at + HEADER_BYTES + payloadBytes).position(at + CHECKED_OFFSET);
        crc.update(checked);
        return (int) crc.getValue();
    }
}
