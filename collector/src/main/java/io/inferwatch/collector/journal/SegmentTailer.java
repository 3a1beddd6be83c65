package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptTailer;
import org.jspecify.annotations.Nullable;

/** Reads one segment from its beginning on. Used by one thread. */
final class SegmentTailer implements AutoCloseable {
    private static final int LARGEST_DOCUMENT_BYTES =
            RecordFormat.HEADER_BYTES + RecordFormat.MAX_PAYLOAD_BYTES + RecordFormat.MAX_PADDING_BYTES;
    private static final String METADATA = "metadata.cq4t";
    private static final int FIRST_BUFFER_BYTES = 4 << 10;

    private final Segment segment;
    private final ChronicleQueue queue;
    private final ExcerptTailer tailer;
    private final Bytes<ByteBuffer> document = Bytes.elasticByteBuffer(FIRST_BUFFER_BYTES, LARGEST_DOCUMENT_BYTES);

    /**
     * @throws IOException when the segment is not there
     * @throws RuntimeException or InternalError when it cannot be opened
     */
    SegmentTailer(Segment segment) throws IOException {
        this.segment = segment;
        if (SegmentFiles.queueFile(segment.directory()).isEmpty()) {
            // Opened all the same, Chronicle Queue would make a new, empty one.
            throw new NoSuchFileException(segment.directory().toString());
        }
        if (segment.isSealed()) {
            // Derived from the file and written anew when missing; damaged, it holds up the opening for ten seconds.
            Files.deleteIfExists(segment.directory().resolve(METADATA));
        }
        queue = SegmentQueue.open(segment.directory(), segment.name());
        try {
            tailer = queue.createTailer();
            tailer.singleThreadedCheckDisabled(true);
        } catch (RuntimeException | Error failure) {
            queue.close();
            throw failure;
        }
    }

    Segment segment() {
        return segment;
    }

    /**
     * The next document, valid until the next call, or {@code null} when there is none yet.
     *
     * @throws RuntimeException or InternalError when the file cannot be read here
     */
    @Nullable ByteBuffer next() {
        document.clear();
        if (!tailer.readBytes(document)) {
            return null;
        }
        ByteBuffer read = document.underlyingObject().duplicate().order(ByteOrder.BIG_ENDIAN);
        return read.limit((int) document.writePosition()).position(0);
    }

    @Override
    public void close() {
        queue.close();
        document.releaseLast();
    }
}
