package io.inferwatch.histograms;

import io.inferwatch.collector.Journal;
import io.inferwatch.collector.MeasurementTail;
import io.inferwatch.collector.ObservationSink;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Consumer;

/** A journal of observations, and the tail that reads it. */
final class ScriptedJournal implements Journal {
    private record Entry(long sequence, long receivedMillis, Consumer<ObservationSink> observations) {}

    private final List<Entry> entries = new ArrayList<>();

    void add(long receivedMillis, Consumer<ObservationSink> observations) {
        entries.add(new Entry(lastSequence() + 1, receivedMillis, observations));
    }

    MeasurementTail tail(long fromSequence) {
        return new Tail(fromSequence);
    }

    private final class Tail implements MeasurementTail {
        private long last;

        Tail(long fromSequence) {
            this.last = fromSequence - 1;
        }

        @Override
        public boolean poll(ObservationSink sink) {
            if (last >= entries.size()) {
                return false;
            }
            Entry entry = entries.get((int) last);
            sink.beginRecord(entry.sequence, entry.receivedMillis, false);
            entry.observations.accept(sink);
            sink.endRecord();
            last = entry.sequence;
            return true;
        }

        @Override
        public long lastSequence() {
            return last;
        }

        @Override
        public void close() {}
    }

    @Override
    public long lastSequence() {
        return entries.isEmpty() ? 0 : entries.getLast().sequence;
    }

    @Override
    public long lastReceivedEpochMillis() {
        return entries.isEmpty() ? 0 : entries.getLast().receivedMillis;
    }

    @Override
    public long firstSequenceReceivedSince(long epochMillis) {
        return entries.stream()
                .filter(entry -> entry.receivedMillis >= epochMillis)
                .mapToLong(Entry::sequence)
                .findFirst()
                .orElse(lastSequence() + 1);
    }

    @Override
    public Appended append(ByteBuffer payload, long receivedEpochMillis) {
        throw new UnsupportedOperationException();
    }

    @Override
    public long nowEpochMillis() {
        throw new UnsupportedOperationException();
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
    public Reader reader(long fromSequence) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void scanBackward(BackwardVisitor visitor) {
        throw new UnsupportedOperationException();
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
