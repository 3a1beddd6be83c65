package io.inferwatch.collector.proxy;

import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads along beside the relay: event loops hand over copies of what they relayed, one thread makes records of them. A full
 * queue drops what is measured of a request, counted, and never holds up the request.
 */
public final class ProxyTelemetry {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyTelemetry.class);
    private static final int MOST_NOTES = 16_384;
    private static final long MOST_BYTES = 16L << 20;
    private static final int MOST_AT_ONCE = 4_096;

    /** Where records are kept. */
    @FunctionalInterface
    public interface Keeper {
        /** @return whether they were kept */
        boolean keep(List<Measurement> measurements);

        /** The times between chunks of answers whose requests were kept before. */
        default void keepGaps(List<InterChunk> gaps) {
            boolean isKept = keep(gaps.stream().map(InterChunk::measurement).toList());
            LOG.debug("{} times between chunks were kept: {}", gaps.size(), isKept);
        }
    }

    private final BlockingQueue<Note> notes = new ArrayBlockingQueue<>(MOST_NOTES);
    private final AtomicLong bytesHeld = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong faults = new AtomicLong();
    private final Keeper journal;
    private final GapTally gaps = new GapTally();
    private final ExchangeRecord records;
    private long endedNanos;

    /** @param identities used by the thread of {@link #step} alone */
    public ProxyTelemetry(Keeper journal, IdentityHash identities) {
        this.journal = journal;
        this.records = new ExchangeRecord(identities, gaps);
    }

    /** Never waits. Any thread; the notes of one exchange by one. */
    void offer(Note note) {
        Exchange exchange = note.exchange();
        if (exchange.isLost) {
            return;
        }
        long held = bytesHeld.addAndGet(note.bytes());
        if (held > MOST_BYTES || !notes.offer(note)) {
            bytesHeld.addAndGet(-note.bytes());
            exchange.isLost = true;
            dropped.incrementAndGet();
        }
    }

    /** Requests that were relayed and of which no record was made: there was no room for it, or none in the journal. */
    public long dropped() {
        return dropped.get();
    }

    /** Records that could not be made for a fault of this class's own. */
    public long faults() {
        return faults.get();
    }

    /**
     * Works off what there is; waits for it at most this long. One thread.
     *
     * @return whether there was anything
     */
    public boolean step(Duration patience) throws InterruptedException {
        Note first = notes.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (first == null) {
            tellGaps();
            return false;
        }
        List<Note> taken = new ArrayList<>();
        taken.add(first);
        notes.drainTo(taken, MOST_AT_ONCE);
        List<Measurement> made = new ArrayList<>();
        for (Note note : taken) {
            bytesHeld.addAndGet(-note.bytes());
            RequestMeasurement record = read(note);
            if (record != null) {
                made.add(record);
            }
        }
        if (!made.isEmpty() && !journal.keep(made)) {
            dropped.addAndGet(made.size());
        }
        if (gaps.isDue(endedNanos)) {
            tellGaps();
        }
        return true;
    }

    /** Samples that found no room in the journal are not counted: the request they are of is. */
    private void tellGaps() {
        List<InterChunk> told = gaps.told(endedNanos);
        for (int from = 0; from < told.size(); from += MOST_AT_ONCE) {
            journal.keepGaps(told.subList(from, Math.min(from + MOST_AT_ONCE, told.size())));
        }
    }

    private @Nullable RequestMeasurement read(Note note) {
        if (note.exchange().isLost) {
            return null;
        }
        if (note instanceof Note.Ended ended) {
            endedNanos = ended.nanos();
        }
        try {
            return records.read(note);
        } catch (RuntimeException e) {
            note.exchange().isLost = true;
            dropped.incrementAndGet();
            if (faults.getAndIncrement() == 0) {
                LOG.error(
                        "a request to {} could not be measured; it was relayed all the same",
                        note.exchange().server,
                        e);
            }
            return null;
        }
    }
}
