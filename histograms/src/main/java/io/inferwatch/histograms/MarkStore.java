package io.inferwatch.histograms;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Where marks are kept. Any thread. */
public interface MarkStore {

    /** @return the mark, when it is stored; completes exceptionally when the database refused */
    CompletableFuture<Mark> write(Mark mark);

    /**
     * The newest marks of a stretch of time, oldest first.
     *
     * @param to exclusive
     * @param limit at most so many
     */
    List<Mark> read(Instant from, Instant to, int limit);
}
