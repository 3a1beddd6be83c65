package io.inferwatch.notifier;

import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;

/**
 * One attempt to tell a receiver something, as the delivery log keeps it.
 *
 * @param id unique, ascending with time within a process
 * @param kind {@code opened}, {@code tier_changed}, {@code members_changed}, {@code repeated}, {@code closed}
 * @param outcome {@code delivered}, {@code retry} or {@code rejected}
 * @param reason why not delivered; empty otherwise
 * @param attempt which attempt it was, from 1
 * @param latency of the attempt
 */
public record DeliveryRecord(
        String id,
        Instant at,
        String receiver,
        String key,
        String rule,
        Tier tier,
        String kind,
        String outcome,
        String reason,
        int attempt,
        Duration latency) {}
