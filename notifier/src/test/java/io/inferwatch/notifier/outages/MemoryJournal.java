package io.inferwatch.notifier.outages;

import io.inferwatch.collector.Journal;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/** A journal of what was not read yet. One thread. */
final class MemoryJournal implements Journal {
    private record Entry(long sequence, long receivedEpochMillis, ByteBuffer payload) {}

    private final InstantSource clock;
    private final Deque<Entry> unread = new ArrayDeque<>();
    private long last;
    private long lastReceivedEpochMillis;

    MemoryJournal(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Appended append(ByteBuffer payload, long receivedEpochMillis) {
        ByteBuffer copy = ByteBuffer.allocate(payload.remaining()).put(payload).flip();
        unread.add(new Entry(++last, receivedEpochMillis, copy));
        lastReceivedEpochMillis = receivedEpochMillis;
        return new Appended.Taken(last);
    }

    @Override
    public Reader reader(long fromSequence) {
        return new Reader() {
            @Override
            public boolean poll(Handler handler) {
                Entry next = unread.poll();
                if (next == null) {
                    return false;
                }
                handler.record(next.sequence, next.receivedEpochMillis, next.payload);
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Appended awaitDisk(long sequence) {
        return new Appended.Taken(sequence);
    }

    @Override
    public long nowEpochMillis() {
        return clock.millis();
    }

    @Override
    public boolean isStrict() {
        return false;
    }

    @Override
    public long lastSequence() {
        return last;
    }

    @Override
    public long lastReceivedEpochMillis() {
        return lastReceivedEpochMillis;
    }

    @Override
    public long firstSequenceReceivedSince(long epochMillis) {
        return last + 1;
    }

    @Override
    public void scanBackward(BackwardVisitor visitor) {}

    @Override
    public void releaseBelow(long sequence) {}

    @Override
    public Stats stats() {
        return new Stats(last, 0, OptionalLong.empty(), 0, 0, 0, 0, 0, "");
    }

    @Override
    public void close() {}
}
