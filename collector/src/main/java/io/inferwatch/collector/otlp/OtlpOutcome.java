package io.inferwatch.collector.otlp;

import java.time.Duration;

/** What became of a body. */
public sealed interface OtlpOutcome {

    /**
     * 200; with {@code rejected} above 0 a partial success.
     *
     * @param rejected spans that are calls of a model and could not be taken; spans of other kinds are none of them
     * @param message why; empty when none was
     */
    record Accepted(long rejected, String message) implements OtlpOutcome {}

    /** 400. Nothing of it was kept. */
    record Malformed(String detail) implements OtlpOutcome {}

    /** 413. Nothing of it was kept. */
    record TooLarge(String detail) implements OtlpOutcome {}

    /** 429. Nothing of it was kept. */
    record Busy(Duration retryAfter) implements OtlpOutcome {}

    /** 503: the journal's disk is full or broken. Nothing of it was kept. */
    record Unavailable(String reason, Duration retryAfter) implements OtlpOutcome {}
}
