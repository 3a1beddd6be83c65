package io.inferwatch.collector;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A journal in a list, with a clock set by hand. */
public final class ListJournal implements Journal {
    private record Entry(long receivedEpochMillis, ByteBuffer payload) {}

    private final List<Entry> entries = new ArrayList<>();
    private long nowEpochMillis = 1_790_000_000_000L;
    private boolean isStrict;
    private @Nullable CyclicBarrier disk;
    private boolean isDiskBroken;
    private long waitedFor;
    private Appended refusal = new Appended.Taken(0);

    public void now(long epochMillis) {
        nowEpochMillis = epochMillis;
    }

    public void isFull() {
        refusal = new Appended.Full(Duration.ofSeconds(7));
    }

    public void isBroken() {
        refusal = new Appended.Failed("disk full", Duration.ofSeconds(30));
    }

    /** Nobody is told before the disk has it, which it has once this many wait for it together. */
    public void isStrict(int waiting) {
        isStrict = true;
        disk = new CyclicBarrier(waiting);
    }

    /** What is taken does not reach the disk. */
    public void isDiskBroken(boolean broken) {
        isDiskBroken = broken;
    }

    /** The newest record that somebody waited for. */
    public synchronized long waitedFor() {
        return waitedFor;
    }

    public void isWell() {
        refusal = new Appended.Taken(0);
    }

    public byte[] payload(long sequence) {
        ByteBuffer payload = entries.get((int) sequence - 1).payload.duplicate();
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        return bytes;
    }

    @Override
    public synchronized Appended append(ByteBuffer payload, long receivedEpochMillis) {
        if (!(refusal instanceof Appended.Taken)) {
            return refusal;
        }
        byte[] bytes = new byte[payload.remaining()];
        payload.get(bytes);
        entries.add(new Entry(receivedEpochMillis, ByteBuffer.wrap(bytes).asReadOnlyBuffer()));
        return new Appended.Taken(entries.size());
    }

    @Override
    public long nowEpochMillis() {
        return nowEpochMillis;
    }

    @Override
    public Appended awaitDisk(long sequence) {
        synchronized (this) {
            waitedFor = Math.max(waitedFor, sequence);
        }
        try {
            if (disk != null) {
                disk.await(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
            return new Appended.Failed("nobody else waited for the disk", Duration.ofSeconds(1));
        }
        return isDiskBroken ? new Appended.Failed("disk broken", Duration.ofSeconds(1)) : new Appended.Taken(sequence);
    }

    @Override
    public boolean isStrict() {
        return isStrict;
    }

    @Override
    public synchronized long lastSequence() {
        return entries.size();
    }

    @Override
    public long lastReceivedEpochMillis() {
        return entries.isEmpty() ? 0 : entries.getLast().receivedEpochMillis;
    }

    @Override
    public long firstSequenceReceivedSince(long epochMillis) {
        long before = entries.stream()
                .filter(entry -> entry.receivedEpochMillis < epochMillis)
                .count();
        return before + 1;
    }

    @Override
    public Reader reader(long fromSequence) {
        return new Reader() {
            private int next = (int) Math.max(1, fromSequence);

            @Override
            public boolean poll(Handler handler) {
                if (next > entries.size()) {
                    return false;
                }
                Entry entry = entries.get(next - 1);
                handler.record(next, entry.receivedEpochMillis, entry.payload.duplicate());
                next++;
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void scanBackward(BackwardVisitor visitor) {
        for (int i = entries.size(); i > 0; i--) {
            Entry entry = entries.get(i - 1);
            if (!visitor.record(i, entry.receivedEpochMillis, entry.payload.duplicate())) {
                return;
            }
        }
    }

    @Override
    public void releaseBelow(long sequence) {}

    @Override
    public Stats stats() {
        return new Stats(entries.size(), 0, OptionalLong.empty(), 0, 0, 0, 0, 0, "");
    }

    @Override
    public void close() {}
}
