package io.inferwatch.collector.journal;

import java.nio.file.Path;

/**
 * One stretch of the journal: a directory with a Chronicle Queue of a single file. Written by one process, then sealed
 * and never written again. Its numbers are set by the appending thread and read by any.
 */
final class Segment {
    private final SegmentName name;
    private final Path directory;
    private volatile long lastSequence;
    private volatile long lastReceivedEpochMillis;
    private volatile long bytes;
    private volatile boolean sealed;

    /** A new one, to be written. */
    Segment(SegmentName name, Path directory) {
        this(name, directory, new Seal(name.firstSequence() - 1, name.notBeforeEpochMillis(), 0), false);
    }

    /** One that was written before. */
    Segment(SegmentName name, Path directory, Seal seal) {
        this(name, directory, seal, true);
    }

    private Segment(SegmentName name, Path directory, Seal seal, boolean sealed) {
        this.name = name;
        this.directory = directory;
        this.lastSequence = seal.lastSequence();
        this.lastReceivedEpochMillis = seal.lastReceivedEpochMillis();
        this.bytes = seal.bytes();
        this.sealed = sealed;
    }

    SegmentName name() {
        return name;
    }

    Path directory() {
        return directory;
    }

    long firstSequence() {
        return name.firstSequence();
    }

    /** The highest number acknowledged from here; one below the first when there is none. */
    long lastSequence() {
        return lastSequence;
    }

    long lastReceivedEpochMillis() {
        return lastReceivedEpochMillis;
    }

    long bytes() {
        return bytes;
    }

    boolean isEmpty() {
        return lastSequence < name.firstSequence();
    }

    /** Whether nothing will be added any more. */
    boolean isSealed() {
        return sealed;
    }

    void written(long sequence, long receivedEpochMillis, long bytesOnDisk) {
        lastReceivedEpochMillis = receivedEpochMillis;
        bytes = bytesOnDisk;
        lastSequence = sequence;
    }

    Seal seal() {
        sealed = true;
        return new Seal(lastSequence, lastReceivedEpochMillis, bytes);
    }

    @Override
    public String toString() {
        return name.toString();
    }
}
