package io.inferwatch.notifier;

import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.Optional;

/**
 * Which past alerts to read, newest first. An absent filter takes all.
 *
 * @param open {@code true} for those that fire, {@code false} for those that closed
 * @param from alerts that still fired then or later
 * @param to alerts that fired before
 * @param limit at most, 1 to 1,000
 */
public record HistoryFilter(
        Optional<Tier> tier,
        Optional<String> rule,
        Optional<Boolean> open,
        Optional<Instant> from,
        Optional<Instant> to,
        int limit) {
    public static final int MAX_LIMIT = 1000;

    public HistoryFilter {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be 1 to " + MAX_LIMIT + ": " + limit);
        }
    }
}
