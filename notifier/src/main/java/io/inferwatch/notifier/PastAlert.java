package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.Optional;

/**
 * One episode of one instance, from its opening on.
 *
 * @param tier at its last change
 * @param closedAt absent while it fires
 * @param reason why it closed; empty while it fires
 */
public record PastAlert(
        String id,
        String rule,
        LabelSet labels,
        Tier tier,
        Instant firedAt,
        Optional<Instant> closedAt,
        String reason,
        String summary,
        String value) {}
