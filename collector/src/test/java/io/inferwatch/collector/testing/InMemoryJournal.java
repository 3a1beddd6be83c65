package io.inferwatch.collector.testing;

import io.inferwatch.collector.Journal;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A journal that lives as long as its object. Any thread. */
public final class InMemoryJournal implements Journal {
    private static final int MAX_PAYLOAD_BYTES = 8 << 20;

    private record Entry(long sequence, long receivedEpochMillis, ByteBuffer payload) {}

    private final InstantSource wall;
    private final List<Entry> entries = new ArrayList<>();
    private Optional<Appended> refusal = Optional.empty();
    private long lastSequence;
    private long lastReceivedEpochMillis;
    private long toldEpochMillis;
    private long appended;
    private long bytes;
    private long lost;

    public InMemoryJournal(InstantSource wall) {
        this.wall = wall;
    }

    /** From now on every append is answered with this, and nothing is written; empty takes them again. */
    public synchronized void refuseWith(Optional<Appended> answer) {
        refusal = answer;
    }

    /** Uses up numbers without records, as damage does. */
    public synchronized void lose(long records) {
        lastSequence += records;
        lost += records;
    }

    @Override
    public synchronized Appended append(ByteBuffer payload, long receivedEpochMillis) {
        if (payload.remaining() > MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("journal record of " + payload.remaining() + " bytes");
        }
        if (refusal.isPresent()) {
            return refusal.get();
        }
        ByteBuffer copy = ByteBuffer.allocate(payload.remaining());
        copy.put(payload.duplicate()).flip();
        lastSequence++;
        lastReceivedEpochMillis = Math.max(lastReceivedEpochMillis, receivedEpochMillis);
        entries.add(new Entry(lastSequence, lastReceivedEpochMillis, copy));
        appended++;
        bytes += copy.remaining();
        return new Appended.Taken(lastSequence);
    }

    @Override
    public synchronized long nowEpochMillis() {
        toldEpochMillis = Math.max(Math.max(toldEpochMillis, lastReceivedEpochMillis), wall.millis());
        return toldEpochMillis;
    }

    @Override
    public Appended awaitDisk(long sequence) {
        return new Appended.Taken(sequence);
    }

    @Override
    public boolean isStrict() {
        return false;
    }

    @Override
    public synchronized long lastSequence() {
        return lastSequence;
    }

    @Override
    public synchronized long lastReceivedEpochMillis() {
        return lastReceivedEpochMillis;
    }

    @Override
    public synchronized long firstSequenceReceivedSince(long epochMillis) {
        return entries.stream()
                .filter(entry -> entry.receivedEpochMillis() >= epochMillis)
                .mapToLong(Entry::sequence)
                .findFirst()
                .orElse(lastSequence + 1);
    }

    @Override
    public Reader reader(long fromSequence) {
        return new InMemoryReader(fromSequence);
    }

    private synchronized Optional<Entry> firstFrom(long sequence) {
        return entries.stream().filter(entry -> entry.sequence() >= sequence).findFirst();
    }

    private synchronized List<Entry> snapshot() {
        return List.copyOf(entries);
    }

    @Override
    public void scanBackward(BackwardVisitor visitor) {
        for (Entry entry : snapshot().reversed()) {
            ByteBuffer payload = entry.payload().duplicate();
            if (!visitor.record(entry.sequence(), entry.receivedEpochMillis(), payload)) {
                return;
            }
        }
    }

    @Override
    public synchronized void releaseBelow(long sequence) {
        entries.removeIf(entry -> entry.sequence() < sequence && entry.sequence() < lastSequence);
    }

    @Override
    public synchronized Stats stats() {
        return new Stats(appended, bytes, OptionalLong.empty(), lost, 0, 0, 0, 0, "");
    }

    @Override
    public void close() {}

    private final class InMemoryReader implements Reader {
        private long next;
        private boolean isFirst = true;

        InMemoryReader(long fromSequence) {
            next = fromSequence;
        }

        @Override
        public boolean poll(Handler handler) {
            Optional<Entry> found = firstFrom(next);
            if (found.isEmpty()) {
                return false;
            }
            Entry entry = found.get();
            if (!isFirst && entry.sequence() > next) {
                handler.lost(entry.sequence() - next, "missing from the journal");
            }
            isFirst = false;
            next = entry.sequence() + 1;
            handler.record(
                    entry.sequence(),
                    entry.receivedEpochMillis(),
                    entry.payload().duplicate());
            return true;
        }

        @Override
        public void close() {}
    }
}
