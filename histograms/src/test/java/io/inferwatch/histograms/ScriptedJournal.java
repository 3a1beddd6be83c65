package io.inferwatch.histograms;

import io.inferwatch.collector.JournalEnd;
import io.inferwatch.collector.MeasurementTail;
import io.inferwatch.collector.ObservationSink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A journal of observations, and the tail that reads it. */
final class ScriptedJournal implements JournalEnd {
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
}
