package io.inferwatch.collector;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;

/**
 * The append-only log everything goes through: what is in it survives any death of the process; what is not was never
 * acknowledged. Payloads are opaque here. A sequence number rises without repeating and is never reused, also when
 * the journal was lost.
 */
public interface Journal extends JournalEnd, AutoCloseable {

    /** What became of an append. */
    sealed interface Appended {
        /** In the journal, and so safe from any death of the process; on disk soon, or {@link #awaitDisk}. */
        record Taken(long sequence) implements Appended {}

        /** The byte limit is reached and the store has to catch up first. Nothing was written. */
        record Full(Duration retryAfter) implements Appended {}

        /** The disk is full or broken. Nothing was written. */
        record Failed(String reason, Duration retryAfter) implements Appended {}
    }

    /** Reads records; called by one thread. The payload is valid during the call only. */
    interface Handler {
        void record(long sequence, long receivedEpochMillis, ByteBuffer payload);

        /** Records that were acknowledged and cannot be read: damaged, deleted, or a gap in the numbers. */
        void lost(long records, String reason);
    }

    /** Reads forward from a sequence number; used by one thread. */
    interface Reader extends AutoCloseable {
        /** {@code false} when there is no further record yet. */
        boolean poll(Handler handler);

        @Override
        void close();
    }

    /** Sees records newest first; used by one thread. */
    @FunctionalInterface
    interface BackwardVisitor {
        /** @return whether to go on to the record before */
        boolean record(long sequence, long receivedEpochMillis, ByteBuffer payload);
    }

    /**
     * Appends one record, whole or not at all, and does not wait for the disk. Any thread; appends are serialised.
     *
     * @param payload from its position to its limit; at most 8 MiB
     * @param receivedEpochMillis as {@link #nowEpochMillis} gave it
     */
    Appended append(ByteBuffer payload, long receivedEpochMillis);

    /**
     * Waits until everything up to this record is on disk; those who wait at the same time share one write. Any thread.
     *
     * @param sequence of a record that was taken
     * @return the same as taken, or why it is not on disk
     */
    Appended awaitDisk(long sequence);

    /** The journal's clock: wall time that never runs backward, also over a restart. */
    long nowEpochMillis();

    /** Whether nobody is to be told of a record before {@link #awaitDisk} says it is on disk. */
    boolean isStrict();

    /** A reader that begins at this number, or at the oldest record there is. */
    Reader reader(long fromSequence);

    void scanBackward(BackwardVisitor visitor);

    /** Everything below this number is no longer needed; whole files below it may be deleted. */
    void releaseBelow(long sequence);

    /** A consistent set of the journal's own numbers. Any thread. */
    Stats stats();

    /**
     * @param appendedRecords since the start
     * @param lostRecords acknowledged once and not readable, since the start
     * @param lostUnsyncedAtMost an estimate from above of what a stop of the machine before this start took, of records that
     *     were not on disk yet; 0 after any other end. Those known to be missing are in {@code lostRecords} as well
     * @param quarantinedFiles set aside as {@code *.corrupt-<time>}, since the start
     * @param freeBytes left on the journal's disk now; empty where there is none
     * @param lastSyncAgeNanos how long ago the last group sync ended
     * @param failure why appends are refused now; empty while they are taken
     */
    record Stats(
            long appendedRecords,
            long bytesOnDisk,
            OptionalLong freeBytes,
            long lostRecords,
            long lostUnsyncedAtMost,
            long quarantinedFiles,
            long lastSyncNanos,
            long lastSyncAgeNanos,
            String failure) {}

    @Override
    void close();
}
