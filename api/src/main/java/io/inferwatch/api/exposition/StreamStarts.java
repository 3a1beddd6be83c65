package io.inferwatch.api.exposition;

import io.prometheus.metrics.model.snapshots.Labels;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Since when each cumulative stream counts. A series that was idle for an hour counts anew when it comes back: a stream that
 * was not in the body before, or had counted more there, has begun since that body. One thread.
 */
final class StreamStarts {
    private record Stream(String name, Labels labels) {}

    private record Run(Instant start, double counted) {}

    private Map<Stream, Run> before = Map.of();
    private Map<Stream, Run> current = new HashMap<>();
    private Instant bodyBefore;

    /** @param startedAt since when those of the first body count */
    StreamStarts(Instant startedAt) {
        this.bodyBefore = startedAt;
    }

    /** @param counted what only rises while the stream lasts */
    Instant of(String name, Labels labels, double counted) {
        Stream stream = new Stream(name, labels);
        Run last = before.get(stream);
        Instant start = last == null || counted < last.counted() ? bodyBefore : last.start();
        current.put(stream, new Run(start, counted));
        return start;
    }

    /** What is told from now on is of the next body. */
    void endBody(Instant at) {
        before = current;
        current = new HashMap<>();
        bodyBefore = at;
    }
}
