package io.inferwatch.collector;

import io.inferwatch.collector.payload.DamagedPayloadException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The journal decoded: each record's measurements become samples of series, in order. */
final class JournalTail implements MeasurementTail {
    private final Journal.Reader reader;
    private final MeasurementObserver observer;
    private final AtomicLong damaged;
    private final BatchReader batch = new BatchReader();
    private final Journal.Handler handler = new Decoding();
    private long lastSequence;
    private @Nullable ObservationSink sink;

    /** @param damaged counts measurements that could not be decoded */
    JournalTail(Journal.Reader reader, long fromSequence, MeasurementObserver observer, AtomicLong damaged) {
        this.reader = reader;
        this.lastSequence = fromSequence - 1;
        this.observer = observer;
        this.damaged = damaged;
    }

    @Override
    public boolean poll(ObservationSink newSink) {
        sink = newSink;
        try {
            return reader.poll(handler);
        } finally {
            sink = null;
        }
    }

    @Override
    public long lastSequence() {
        return lastSequence;
    }

    @Override
    public void close() {
        reader.close();
    }

    private final class Decoding implements Journal.Handler {
        @Override
        public void record(long sequence, long receivedEpochMillis, ByteBuffer payload) {
            ObservationSink to = sink();
            begin(sequence, receivedEpochMillis, payload, to);
            boolean isOneEnough = !observer.askForRequests(to);
            boolean isOneSeen = false;
            for (int position = 0; batch.recordsLeft() > 0; position++) {
                int left = batch.recordsLeft();
                try {
                    if (isOneEnough && isOneSeen && batch.skipRequest()) {
                        continue;
                    }
                    Measurement measurement = batch.next();
                    isOneSeen |= measurement instanceof RequestMeasurement;
                    observer.observe(measurement, sequence, position, receivedEpochMillis, to);
                } catch (DamagedPayloadException e) {
                    lostHere(left - batch.recordsLeft(), e, to);
                }
            }
            to.endRecord();
            lastSequence = sequence;
        }

        @Override
        public void lost(long records, String reason) {
            sink().lost(records, reason);
        }

        private void begin(long sequence, long receivedEpochMillis, ByteBuffer payload, ObservationSink to) {
            try {
                batch.open(payload);
                to.beginRecord(sequence, receivedEpochMillis, batch.isBackfill());
            } catch (DamagedPayloadException e) {
                to.beginRecord(sequence, receivedEpochMillis, false);
                lostHere(1, e, to);
            }
        }

        private void lostHere(long measurements, DamagedPayloadException cause, ObservationSink to) {
            damaged.addAndGet(measurements);
            to.lost(measurements, String.valueOf(cause.getMessage()));
        }

        private ObservationSink sink() {
            ObservationSink to = sink;
            if (to == null) {
                throw new IllegalStateException("the journal reader called back outside a poll");
            }
            return to;
        }
    }
}
