package io.inferwatch.rules;

import java.time.Instant;

/** Where an instance stands; each case holds only the times that exist in it. */
public sealed interface AlertState {

    record Ok() implements AlertState {}

    /** A condition holds and its {@code for} has not passed. */
    record Pending(Tier tier, Instant since) implements AlertState {}

    /**
     * @param since when the condition of this tier began to hold
     * @param firedAt when the alert opened
     */
    record Firing(Tier tier, Instant since, Instant firedAt) implements AlertState {}
}
