package io.inferwatch.collector;

import java.time.Duration;

/** What became of a batch. */
public sealed interface BatchOutcome {

    /**
     * In the journal, as durable as {@link Journal#isStrict} says. A batch of nothing but duplicates is taken too.
     *
     * @param accepted new measurements
     * @param duplicates measurements whose id was already taken, left out
     */
    record Taken(int accepted, int duplicates) implements BatchOutcome {}

    /** Nothing was written; what comes later catches up first. */
    record Busy(Duration retryAfter) implements BatchOutcome {}

    /** Nothing was written: the disk is full or broken. */
    record Failed(String reason, Duration retryAfter) implements BatchOutcome {}
}
