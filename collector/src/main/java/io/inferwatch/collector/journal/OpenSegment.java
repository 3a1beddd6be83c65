package io.inferwatch.collector.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The segment that is being written. Used under the journal's append lock. */
final class OpenSegment {
    private static final Logger LOG = LoggerFactory.getLogger(OpenSegment.class);

    private final Segment segment;
    private final SegmentWriter writer;
    private final GroupSync.Target target;
    private final @Nullable Object fileKey;

    private OpenSegment(Segment segment, SegmentWriter writer, GroupSync.Target target, @Nullable Object fileKey) {
        this.segment = segment;
        this.writer = writer;
        this.target = target;
        this.fileKey = fileKey;
    }

    /** @param scratch a direct buffer to build records in */
    static OpenSegment create(SegmentChain chain, GroupSync sync, SegmentName name, ByteBuffer scratch)
            throws IOException {
        Path directory = chain.directory(name);
        // An earlier attempt at this number may have left something: nothing of it was acknowledged.
        SegmentFiles.deleteTree(directory);
        SegmentWriter writer = new SegmentWriter(directory, name, scratch);
        try {
            Segment segment = new Segment(name, directory);
            segment.written(segment.lastSequence(), name.notBeforeEpochMillis(), writer.bytesOnDisk());
            GroupSync.Target target = sync.add(directory, writer.file());
            OpenSegment open = new OpenSegment(segment, writer, target, keyOf(writer.file()));
            chain.add(segment);
            return open;
        } catch (IOException | RuntimeException | Error failure) {
            writer.close();
            throw failure;
        }
    }

    Segment segment() {
        return segment;
    }

    void append(ByteBuffer encoded, long sequence, long receivedEpochMillis) {
        writer.append(encoded);
        target.written(sequence);
        segment.written(sequence, receivedEpochMillis, writer.bytesOnDisk());
    }

    /** Whether the file under the segment's name is the one that is written. */
    boolean isInPlace() {
        try {
            return Objects.equals(fileKey, keyOf(writer.file()));
        } catch (IOException gone) {
            return false;
        }
    }

    /** Never fails: what was acknowledged is in the page cache already. */
    void close() {
        target.retire();
        try {
            writer.close();
        } catch (RuntimeException | InternalError | AssertionError failure) {
            LOG.warn("journal segment {} closed with", segment, failure);
        }
    }

    private static @Nullable Object keyOf(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
    }
}
