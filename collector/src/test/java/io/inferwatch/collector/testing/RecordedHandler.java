package io.inferwatch.collector.testing;

import io.inferwatch.collector.Journal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Keeps what a reader hands over. */
public final class RecordedHandler implements Journal.Handler {
    public final List<Long> sequences = new ArrayList<>();
    public final List<Long> receivedEpochMillis = new ArrayList<>();
    public final List<String> payloads = new ArrayList<>();
    public final List<String> reasons = new ArrayList<>();
    public long lost;

    /** Everything that can be read from this number on. */
    public static RecordedHandler readAll(Journal journal, long fromSequence) {
        RecordedHandler handler = new RecordedHandler();
        try (Journal.Reader reader = journal.reader(fromSequence)) {
            handler.drain(reader);
        }
        return handler;
    }

    public void drain(Journal.Reader reader) {
        while (reader.poll(this)) {}
    }

    @Override
    public void record(long sequence, long received, ByteBuffer payload) {
        sequences.add(sequence);
        receivedEpochMillis.add(received);
        payloads.add(StandardCharsets.UTF_8.decode(payload).toString());
    }

    @Override
    public void lost(long records, String reason) {
        lost += records;
        reasons.add(reason);
    }
}
