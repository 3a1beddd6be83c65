package io.inferwatch.collector.push;

import java.time.Duration;

/** What became of a body. */
public sealed interface IntakeOutcome {

    /** What could be taken is in the journal; 202. Nothing but duplicates, or nothing at all, is accepted too. */
    record Accepted(IntakeReport report) implements IntakeOutcome {}

    /** Each record was wrong by itself; 400. */
    record AllRejected(IntakeReport report) implements IntakeOutcome {}

    /**
     * The body as a whole is no JSON; 400. Nothing of it was kept.
     *
     * @param line from 1
     * @param column in bytes, from 1
     */
    record Malformed(String detail, long line, long column) implements IntakeOutcome {}

    /** 413. Nothing of it was kept. */
    record TooLarge(String detail) implements IntakeOutcome {}

    /** 429. Nothing of it was kept. */
    record Busy(Duration retryAfter) implements IntakeOutcome {}

    /** 503: the journal's disk is full or broken. Nothing of it was kept. */
    record Unavailable(String reason, Duration retryAfter) implements IntakeOutcome {}
}
