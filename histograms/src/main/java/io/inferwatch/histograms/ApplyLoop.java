package io.inferwatch.histograms;

import io.inferwatch.collector.JournalEnd;
import io.inferwatch.collector.MeasurementTail;

/**
 * The work of the {@code apply} thread, step by step: pours the journal into the store and closes windows as time goes
 * by. The tail is opened at {@link #replayStart}.
 */
public final class ApplyLoop implements AutoCloseable {
    /** Panes and the ids that make records idempotent are rebuilt over this long, whatever the checkpoint says. */
    private static final long REBUILT_MILLIS = 120_000;

    private static final int RECORDS_PER_STEP = 256;

    private final MeasurementTail tail;
    private final JournalEnd journal;
    private final TelemetryStore store;
    private volatile boolean isCaughtUp;
    private volatile long appliedSequence;

    public ApplyLoop(MeasurementTail tail, JournalEnd journal, TelemetryStore store) {
        this.tail = tail;
        this.journal = journal;
        this.store = store;
        this.appliedSequence = tail.lastSequence();
    }

    /** The earlier of the checkpoint and 2 min before the last record: where the tail must begin. */
    public static long replayStart(WindowStore.Recovery recovery, JournalEnd journal) {
        long rebuiltFrom = journal.firstSequenceReceivedSince(journal.lastReceivedEpochMillis() - REBUILT_MILLIS);
        return Math.min(recovery.checkpoint(), rebuiltFrom);
    }

    /**
     * Applies some records. While too much waits for the database it applies none: they stay in the journal.
     *
     * @return how many were applied; 0: the thread may rest for a moment
     */
    public int doWork() {
        int applied = 0;
        if (!store.isFull()) {
            try {
                while (applied < RECORDS_PER_STEP && tail.poll(store)) {
                    applied++;
                }
            } finally {
                store.abandonRecord();
                appliedSequence = tail.lastSequence();
            }
            if (applied < RECORDS_PER_STEP) {
                isCaughtUp = true;
            }
        }
        if (isCaughtUp) {
            store.closeByClock();
        }
        return applied;
    }

    /** Whether all that stood in the journal at the start is applied: rules may begin. Any thread. */
    public boolean isCaughtUp() {
        return isCaughtUp;
    }

    /** How many sequence numbers the windows are behind the journal. Any thread. */
    public long lagRecords() {
        return Math.max(0, journal.lastSequence() - appliedSequence);
    }

    /** How far the windows are behind the journal, by receive time. Any thread. */
    public long lagMillis() {
        if (lagRecords() == 0) {
            return 0;
        }
        long applied = store.stats().lastReceivedEpochMillis();
        return applied == 0 ? 0 : Math.max(0, journal.lastReceivedEpochMillis() - applied);
    }

    @Override
    public void close() {
        tail.close();
    }
}
