package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.Optional;

/**
 * One episode of one instance, from its opening on.
 *
 * @param tier the most urgent that it has had: an alert that paged is found among those that paged
 * @param closedAt absent while it fires
 * @param reason why it closed; empty while it fires
 * @param mutedBy why nobody was told of it at some time; empty when somebody always was
 * @param ack who took it on; absent when nobody did
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
        String value,
        String mutedBy,
        Optional<Ack> ack) {}
