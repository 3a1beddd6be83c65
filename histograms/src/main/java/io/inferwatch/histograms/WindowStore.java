package io.inferwatch.histograms;

import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Where closed windows are kept. Packing, roll-up to the coarser resolutions and retention are its own affair; reads see
 * every window that was written, at any resolution that is kept.
 */
public interface WindowStore extends AutoCloseable {

    /** One stored window of one series. */
    record SeriesWindow(SeriesKey series, long startEpochMillis) {}

    /**
     * What a start needs to know.
     *
     * @param checkpoint the lowest sequence number not covered by rows; 0 for an empty store
     * @param highestAppliedThrough new sequence numbers must be above it; 0 for an empty store
     * @param ahead the rows that already hold records at or past the checkpoint, with the last record each holds: replay
     *     skips those records for those rows
     */
    record Recovery(long checkpoint, long highestAppliedThrough, Map<SeriesWindow, Long> ahead) {
        public Recovery {
            ahead = Map.copyOf(ahead);
        }
    }

    /** A series that has stored windows. */
    record StoredSeries(SeriesKey key, long firstEpochMillis, long lastEpochMillis) {}

    /** Receives windows in time order within a series. */
    @FunctionalInterface
    interface Visitor {
        void window(SeriesKey series, long startEpochMillis, WindowData data);
    }

    Recovery recover();

    /** Writes rows and checkpoint in one transaction. Called by the {@code store} thread alone. */
    void write(WindowBatch batch);

    /** The checkpoint as a fresh read of the durable database gives it. */
    long durableCheckpoint();

    /**
     * A slice of the work nobody waits for: pack, roll up, drop what is past its retention. Called by the {@code store}
     * thread alone.
     *
     * @param nowEpochMillis by the journal's clock
     * @return whether there is more to do
     */
    boolean maintain(long nowEpochMillis);

    /** Every series of a metric that has stored windows. Any thread. */
    List<StoredSeries> series(String metric);

    /**
     * Windows that start in {@code [from, to)}, as far as {@link #keptFrom} and {@link #rolledUpTo} reach. Any thread.
     */
    void read(
            Collection<SeriesKey> series,
            Resolution resolution,
            long fromEpochMillis,
            long toEpochMillis,
            Visitor visitor);

    /** Up to where (exclusive) this resolution is complete; windows past it must be read at a finer one. */
    long rolledUpTo(Resolution resolution);

    /** The oldest moment this resolution still holds. */
    long keptFrom(Resolution resolution);

    @Override
    void close();
}
