package io.inferwatch.collector.journal;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Walks over the records of a segment's file by their own frames, whatever the pages between them hold. Finds records
 * that Chronicle Queue no longer reaches, and needs none of its classes. Used by one thread.
 */
final class SegmentScan implements AutoCloseable {
    private static final int ALIGNMENT_BYTES = 4;
    /** Before each record lies Chronicle Queue's document header, little-endian: this bit, and the length. */
    private static final int NOT_COMPLETE = 1 << 31;

    private static final int DOCUMENT_LENGTH = (1 << 30) - 1;

    private final Arena arena = Arena.ofConfined();
    private final ByteBuffer file;
    private int next = ALIGNMENT_BYTES;
    private int at;
    private int end = ALIGNMENT_BYTES;
    private long damagedRecords;
    private long damagedSinceLastWhole;

    SegmentScan(Path queueFile) throws IOException {
        this(queueFile, Integer.MAX_VALUE);
    }

    /** @param mostBytes behind this many there is nothing but what Chronicle Queue mapped in vain */
    SegmentScan(Path queueFile, long mostBytes) throws IOException {
        try (FileChannel channel = FileChannel.open(queueFile, StandardOpenOption.READ)) {
            long mapped = Math.min(channel.size(), Math.min(mostBytes, Integer.MAX_VALUE));
            file = channel.map(FileChannel.MapMode.READ_ONLY, 0, mapped, arena).asByteBuffer();
        } catch (IOException | RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    /** Moves to the next whole record. */
    boolean next() {
        int last = file.limit() - RecordFormat.HEADER_BYTES;
        while (next <= last) {
            if (file.getInt(next) != RecordFormat.MAGIC) {
                skip();
            } else if (takeRecord()) {
                return true;
            }
        }
        return false;
    }

    /** Moves to the record at a place this scan was at before. */
    void moveTo(int offset) {
        at = offset;
    }

    int offset() {
        return at;
    }

    byte kind() {
        return RecordFormat.kind(file, at);
    }

    long sequence() {
        return RecordFormat.sequence(file, at);
    }

    long receivedEpochMillis() {
        return RecordFormat.receivedEpochMillis(file, at);
    }

    /** Chronicle Queue writes the document header last: without it, nobody was told of this record. */
    boolean isPublished() {
        return file.getInt(at - ALIGNMENT_BYTES) != 0;
    }

    ByteBuffer payload() {
        return RecordFormat.payload(file, at);
    }

    /** The whole record, as it was encoded. */
    ByteBuffer encoded() {
        return file.slice(at, RecordFormat.HEADER_BYTES + RecordFormat.payloadBytes(file, at));
    }

    /** Where the last record seen ends: what lies behind is a hole, or damaged. */
    int endBytes() {
        return end;
    }

    /** Frames that were published and whose content is not what was written. */
    long damagedRecords() {
        return damagedRecords;
    }

    long damagedSinceLastWhole() {
        return damagedSinceLastWhole;
    }

    private void skip() {
        boolean isEmpty = next % Long.BYTES == 0 && file.getLong(next) == 0;
        next += isEmpty ? Long.BYTES : ALIGNMENT_BYTES;
    }

    private boolean takeRecord() {
        int payloadBytes = RecordFormat.payloadBytes(file, next);
        int documentHeader = Integer.reverseBytes(file.getInt(next - ALIGNMENT_BYTES));
        int recordBytes = RecordFormat.HEADER_BYTES + payloadBytes;
        boolean fits = payloadBytes >= 0
                && payloadBytes <= RecordFormat.MAX_PAYLOAD_BYTES
                && recordBytes <= file.limit() - next;
        if (!fits || (documentHeader & NOT_COMPLETE) != 0) {
            next += ALIGNMENT_BYTES;
            return false;
        }
        if (RecordFormat.isWhole(file, next)) {
            at = next;
            step(recordBytes);
            damagedSinceLastWhole = 0;
            return true;
        }
        int padding = (documentHeader & DOCUMENT_LENGTH) - recordBytes;
        if (padding >= 0 && padding <= RecordFormat.MAX_PADDING_BYTES) {
            damagedRecords++;
            damagedSinceLastWhole++;
            step(recordBytes);
        } else {
            next += ALIGNMENT_BYTES;
        }
        return false;
    }

    private void step(int recordBytes) {
        next += (recordBytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
        end = next;
    }

    @Override
    public void close() {
        arena.close();
    }
}
