package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal as a chain of segments, each a Chronicle Queue of one file. A process appends only to segments that it
 * made itself; those of earlier processes are read, repaired and deleted whole.
 *
 * <p>Opening reads a line a segment, or the records of the one that was being written when the process died; Chronicle
 * Queue itself comes up with the first segment written or read. The lock on the data directory must be held.
 */
public final class ChronicleJournal implements Journal {
    private static final Logger LOG = LoggerFactory.getLogger(ChronicleJournal.class);

    private static final Duration FULL_RETRY = Duration.ofSeconds(1);
    private static final long LOOK_EVERY_NANOS = 1_000_000_000L;

    private final JournalConfig config;
    private final LongSupplier nanos;
    private final JournalClock clock;
    private final SegmentChain chain;
    private final SegmentRoll roll;
    private final AppendGate gate;
    private final GroupSync sync;
    private final LostRecords lost = new LostRecords();
    private final MachineStop machine;
    private final long lostUnsyncedAtMost;
    private final Object appendLock = new Object();

    private ByteBuffer scratch = ByteBuffer.allocateDirect(64 << 10);
    private @Nullable OpenSegment current;
    private boolean isNumbered;
    private boolean isClosed;
    private long nextSequence;
    private long lookedNanos;
    private final AtomicLong appendedRecords = new AtomicLong();
    private volatile long currentBytes;
    private volatile long lastSequence;
    private volatile long lastReceivedEpochMillis;
    private @Nullable SyncThread syncThread;
    private volatile Runnable whenAppended = () -> {};

    private ChronicleJournal(Path directory, JournalConfig config, InstantSource wall, LongSupplier nanos, Host host)
            throws IOException {
        this.config = config;
        this.nanos = nanos;
        chain = new SegmentChain(directory, wall.millis());
        roll = new SegmentRoll(config.maxBytes());
        gate = new AppendGate(new DiskGuard(host.freeBytes(), nanos, config.minFreeBytes()), nanos);
        sync = new GroupSync(directory, nanos);
        Optional<Segment> newest = chain.newest();
        lastSequence = newest.map(Segment::lastSequence).orElse(0L);
        lastReceivedEpochMillis = newest.map(Segment::lastReceivedEpochMillis).orElse(0L);
        nextSequence = Math.max(lastSequence + 1, chain.releasedBelow());
        clock = new JournalClock(wall, nanos, lastReceivedEpochMillis);
        lookedNanos = nanos.getAsLong();
        machine = new MachineStop(new SegmentFiles(directory), host.bootId());
        lostUnsyncedAtMost = machine.lostAtMost(chain, config);
    }

    /**
     * Opens the journal in this directory, which is made when missing. Records can be read at once, and appended after
     * {@link #raiseSequenceAbove}.
     *
     * @param wall the wall clock, which may step
     * @param nanos the monotonic clock
     * @throws IOException when the directory cannot be read or written; no state of the files in it is an error
     */
    public static ChronicleJournal open(Path directory, JournalConfig config, InstantSource wall, LongSupplier nanos)
            throws IOException {
        Host host = new Host(directory.toFile()::getUsableSpace, MachineStop.bootId());
        return open(directory, config, wall, nanos, host);
    }

    static ChronicleJournal open(
            Path directory, JournalConfig config, InstantSource wall, LongSupplier nanos, Host host)
            throws IOException {
        return new ChronicleJournal(directory, config, wall, nanos, host);
    }

    /**
     * What the journal asks of the machine.
     *
     * @param freeBytes on the journal's disk
     * @param bootId which life of the operating system this is
     */
    record Host(LongSupplier freeBytes, String bootId) {}

    /**
     * Says which number was used last by anybody who outlives the journal: new ones are above it and above the
     * journal's own. What lies between was acknowledged once and is counted as lost. Needed once, before the first
     * append.
     */
    public void raiseSequenceAbove(long sequence) {
        synchronized (appendLock) {
            if (sequence >= nextSequence) {
                lost.count(nextSequence, sequence);
                LOG.error("journal: records {} to {} are missing; numbering goes on above", nextSequence, sequence);
                nextSequence = sequence + 1;
            }
            sync.startAbove(nextSequence - 1);
            isNumbered = true;
        }
        sync.wake();
    }

    /** Starts the thread {@code journal-sync}. Without it nothing reaches the disk but by {@link #syncStep}. */
    public void start() {
        SyncThread thread = new SyncThread(sync, config.syncEvery(), this::prepare, this::syncStep);
        synchronized (appendLock) {
            syncThread = thread;
        }
        thread.start();
    }

    /** Whom to tell after each append, on the appending thread: that a reader finds something. Must not block or throw. */
    public void whenAppended(Runnable told) {
        whenAppended = told;
    }

    @Override
    public Appended append(ByteBuffer payload, long receivedEpochMillis) {
        if (payload.remaining() > RecordFormat.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("journal record of " + payload.remaining() + " bytes; the most is "
                    + RecordFormat.MAX_PAYLOAD_BYTES);
        }
        Appended appended;
        synchronized (appendLock) {
            if (!isNumbered) {
                throw new IllegalStateException("append before raiseSequenceAbove: the numbers in use are not known");
            }
            Optional<Appended> refusal = refusal(payload.remaining());
            appended = refusal.isPresent() ? refusal.get() : write(payload, receivedEpochMillis);
        }
        if (appended instanceof Appended.Taken) {
            whenAppended.run();
        }
        return appended;
    }

    private Optional<Appended> refusal(int payloadBytes) {
        if (isClosed) {
            return Optional.of(new Appended.Failed("journal: closed", AppendGate.FAILURE_RETRY));
        }
        Optional<Appended> justFailed = gate.justFailed();
        if (justFailed.isPresent()) {
            return justFailed;
        }
        lookAtDisk();
        if (gate.isShort()) {
            return gate.shortOfSpace();
        }
        if (isFull(payloadBytes)) {
            releaseCurrent();
            return isFull(payloadBytes) ? Optional.of(new Appended.Full(FULL_RETRY)) : Optional.empty();
        }
        return Optional.empty();
    }

    private boolean isFull(int payloadBytes) {
        return chain.sealedBytes() + currentBytes + payloadBytes + RecordFormat.HEADER_BYTES > config.maxBytes();
    }

    /** A segment that is being written is never deleted; wholly released, it can be left for a new one. */
    private void releaseCurrent() {
        OpenSegment open = current;
        if (open != null && open.segment().lastSequence() < chain.releasedBelow()) {
            seal(open);
            chain.deleteAllReleased();
        }
    }

    private Appended write(ByteBuffer payload, long receivedEpochMillis) {
        try {
            OpenSegment open = openSegment(payload.remaining());
            long sequence = nextSequence;
            long received = Math.max(receivedEpochMillis, open.segment().lastReceivedEpochMillis());
            scratch = roomFor(payload.remaining());
            RecordFormat.encode(scratch, RecordFormat.RECORD, sequence, received, payload);
            open.append(scratch, sequence, received);
            taken(open, sequence, received);
            return new Appended.Taken(sequence);
        } catch (IOException | RuntimeException | InternalError | AssertionError cause) {
            return fail("journal: append failed: " + cause, cause);
        }
    }

    private void taken(OpenSegment open, long sequence, long received) {
        nextSequence = sequence + 1;
        currentBytes = open.segment().bytes();
        lastReceivedEpochMillis = received;
        lastSequence = sequence;
        appendedRecords.incrementAndGet();
        sync.appended(sequence);
        gate.succeeded();
    }

    private ByteBuffer roomFor(int payloadBytes) {
        int needed = RecordFormat.HEADER_BYTES + payloadBytes;
        return scratch.capacity() >= needed ? scratch : ByteBuffer.allocateDirect(Integer.highestOneBit(needed) * 2);
    }

    private OpenSegment openSegment(int payloadBytes) throws IOException {
        OpenSegment open = current;
        long now = clock.nowEpochMillis();
        if (open != null && roll.isDue(open.segment(), payloadBytes, now)) {
            seal(open);
            open = null;
        }
        if (open == null) {
            long notBefore = Math.max(now, lastReceivedEpochMillis);
            SegmentName name = new SegmentName(nextSequence, notBefore, SegmentRoll.blockMebibytes(payloadBytes));
            open = OpenSegment.create(chain, sync, name, scratch);
            current = open;
            currentBytes = open.segment().bytes();
        }
        return open;
    }

    private void seal(OpenSegment open) {
        current = null;
        currentBytes = 0;
        open.close();
        chain.sealed(open.segment());
    }

    private Appended.Failed fail(String reason, Throwable cause) {
        Appended.Failed failed = gate.failed(reason, cause);
        OpenSegment open = current;
        if (open != null) {
            seal(open);
        }
        return failed;
    }

    @Override
    public Appended awaitDisk(long sequence) {
        try {
            return sync.await(sequence)
                    ? new Appended.Taken(sequence)
                    : new Appended.Failed("journal: record " + sequence + " is not on disk", AppendGate.FAILURE_RETRY);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return new Appended.Failed("journal: interrupted while waiting for the disk", AppendGate.FAILURE_RETRY);
        }
    }

    /** Free space, and once a second whether the file that is written is still the one that readers find. */
    private void lookAtDisk() {
        gate.look();
        long nowNanos = nanos.getAsLong();
        OpenSegment open = current;
        if (open != null && nowNanos - lookedNanos >= LOOK_EVERY_NANOS) {
            lookedNanos = nowNanos;
            if (!open.isInPlace()) {
                LOG.error("journal segment {} was deleted or replaced while it was written", open.segment());
                seal(open);
            }
        }
    }

    /**
     * Makes the first segment before the first record asks for it: bringing up Chronicle Queue takes a while.
     *
     * @return whether the time for that is over
     */
    private boolean prepare() {
        synchronized (appendLock) {
            lookAtDisk();
            if (!isNumbered) {
                return false;
            }
            if (isClosed || current != null || gate.isShort()) {
                return true;
            }
            try {
                openSegment(0);
            } catch (IOException | RuntimeException | InternalError | AssertionError cause) {
                fail("journal: no segment can be made: " + cause, cause);
            }
            return true;
        }
    }

    /**
     * Brings to disk what was appended before the call. One thread at a time: {@code journal-sync}, where it runs.
     *
     * @return whether there was anything
     */
    boolean syncStep() {
        synchronized (appendLock) {
            lookAtDisk();
        }
        try {
            return sync.step();
        } catch (IOException cause) {
            synchronized (appendLock) {
                fail("journal: sync failed: " + cause, cause);
            }
            return true;
        }
    }

    @Override
    public long nowEpochMillis() {
        return clock.nowEpochMillis();
    }

    @Override
    public boolean isStrict() {
        return config.isStrict();
    }

    @Override
    public long lastSequence() {
        return lastSequence;
    }

    @Override
    public long lastReceivedEpochMillis() {
        return lastReceivedEpochMillis;
    }

    @Override
    public long firstSequenceReceivedSince(long epochMillis) {
        long end = lastSequence + 1;
        return RecordSearch.firstReceivedSince(chain, epochMillis).orElse(end);
    }

    @Override
    public Reader reader(long fromSequence) {
        return new JournalReader(chain, fromSequence, this::repair, lost);
    }

    private String repair(Segment damaged) {
        synchronized (appendLock) {
            OpenSegment open = current;
            if (open != null && open.segment() == damaged) {
                seal(open);
            }
        }
        return chain.repair(damaged, clock.nowEpochMillis());
    }

    @Override
    public void scanBackward(BackwardVisitor visitor) {
        RecordSearch.scanBackward(chain, visitor);
    }

    @Override
    public void releaseBelow(long sequence) {
        chain.releaseBelow(sequence);
    }

    /**
     * Gives the journal's files, up to the newest record, a second name each in another folder: a copy that no append and
     * no release touches. The segment that is being written is left for a new one. Any thread.
     *
     * @param folder is made; on the same disk nothing is copied
     * @throws IOException when the disk refuses
     */
    public void linkSealed(Path folder) throws IOException {
        synchronized (appendLock) {
            OpenSegment open = current;
            if (open != null && !open.segment().isEmpty()) {
                seal(open);
            }
        }
        chain.linkSealed(folder);
    }

    @Override
    public Stats stats() {
        return new Stats(
                appendedRecords.get(),
                chain.sealedBytes() + currentBytes,
                OptionalLong.of(gate.freeBytes()),
                lost.records(),
                lostUnsyncedAtMost,
                chain.quarantined(),
                sync.lastSyncNanos(),
                sync.ageNanos(),
                gate.reason());
    }

    /** How often the disk was asked to keep something. */
    long syncs() {
        return sync.syncs();
    }

    /** Brings everything to disk, then lets go of the files. Readers are closed by those who opened them. */
    @Override
    public void close() {
        SyncThread thread;
        synchronized (appendLock) {
            if (isClosed) {
                return;
            }
            isClosed = true;
            thread = syncThread;
        }
        if (thread != null) {
            thread.stop();
        }
        syncStep();
        synchronized (appendLock) {
            OpenSegment open = current;
            if (open != null) {
                seal(open);
            }
            if (!gate.hasFailed()) {
                machine.closed();
            }
        }
        sync.close();
    }
}
