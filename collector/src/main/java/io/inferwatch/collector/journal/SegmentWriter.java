package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;

/** Appends to one segment. Not thread-safe: its caller serialises. */
final class SegmentWriter implements AutoCloseable {
    /** What a file holds besides records: its header and the first pages of the index. */
    private static final long OVERHEAD_BYTES = 64 << 10;

    private static final int DOCUMENT_FRAME_BYTES = 4 + RecordFormat.MAX_PADDING_BYTES;

    private final ChronicleQueue queue;
    private final ExcerptAppender appender;
    private final Path file;
    private long bytesOnDisk = OVERHEAD_BYTES;

    /** Creates the directory and the file in it. */
    SegmentWriter(Path directory, SegmentName name, ByteBuffer scratch) throws IOException {
        Files.createDirectories(directory);
        queue = SegmentQueue.open(directory, name);
        try {
            appender = queue.createAppender();
            appender.singleThreadedCheckDisabled(true);
            RecordFormat.encode(
                    scratch,
                    RecordFormat.OPENING,
                    name.firstSequence() - 1,
                    name.notBeforeEpochMillis(),
                    ByteBuffer.allocate(0));
            append(scratch);
            file = SegmentFiles.queueFile(directory)
                    .orElseThrow(() -> new IOException(directory + " has no queue file after the first append"));
        } catch (IOException | RuntimeException | Error failure) {
            queue.close();
            throw failure;
        }
    }

    /** One finished record, in a direct buffer from its beginning to its limit: a half-written one would be published when the write throws. */
    void append(ByteBuffer encoded) {
        appender.writeBytes(Bytes.wrapForRead(encoded));
        bytesOnDisk += encoded.remaining() + DOCUMENT_FRAME_BYTES;
    }

    long bytesOnDisk() {
        return bytesOnDisk;
    }

    Path file() {
        return file;
    }

    @Override
    public void close() {
        queue.close();
    }
}
