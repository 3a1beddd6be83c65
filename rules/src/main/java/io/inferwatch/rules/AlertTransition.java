package io.inferwatch.rules;

import java.time.Instant;

/** What changed about a firing instance in one tick. */
public sealed interface AlertTransition {
    Alert alert();

    Instant at();

    record Opened(Alert alert, Instant at) implements AlertTransition {}

    record TierChanged(Alert alert, Tier from, Instant at) implements AlertTransition {}

    /**
     * @param alert as it was when it last fired, its state {@link AlertState.Firing}
     * @param reason {@code cleared}, or why it is forgotten
     */
    record Closed(Alert alert, String reason, Instant at) implements AlertTransition {}
}
