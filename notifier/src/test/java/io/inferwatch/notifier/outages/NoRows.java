package io.inferwatch.notifier.outages;

import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SeriesKey;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** A database nobody will read: what rules look at is in memory from the first record on. */
final class NoRows implements WindowStore {
    private long checkpoint;

    @Override
    public Recovery recover() {
        return new Recovery(0, 0, Map.of());
    }

    @Override
    public void write(WindowBatch batch) {
        checkpoint = Math.max(checkpoint, batch.checkpoint());
    }

    @Override
    public long durableCheckpoint() {
        return checkpoint;
    }

    @Override
    public boolean maintain(long nowEpochMillis) {
        return false;
    }

    @Override
    public List<StoredSeries> series(String metric) {
        return List.of();
    }

    @Override
    public void read(
            Collection<SeriesKey> series,
            Resolution resolution,
            long fromEpochMillis,
            long toEpochMillis,
            Visitor visitor) {}

    @Override
    public long rolledUpTo(Resolution resolution) {
        return Long.MAX_VALUE;
    }

    @Override
    public long keptFrom(Resolution resolution) {
        return 0;
    }

    @Override
    public void close() {}
}
