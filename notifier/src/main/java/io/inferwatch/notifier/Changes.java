package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.StoredState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one transaction writes. Writing it twice leaves what writing it once does: a commit whose outcome is unknown is
 * simply repeated.
 *
 * @param states engine states to keep, by their keys
 * @param forgotten engine states to delete
 * @param conversations in their newest form
 * @param dropped conversations that are over
 * @param history transitions for the alert history
 * @param attempts for the delivery log
 * @param orders what operators ordered, by name, as text; empty where it is over
 * @param notes of alerts, by their ids
 * @param pruneBefore deletes history and log older than that
 */
public record Changes(
        List<StoredState> states,
        List<AlertKey> forgotten,
        List<Conversation> conversations,
        List<Target> dropped,
        List<AlertTransition> history,
        List<DeliveryRecord> attempts,
        Map<String, Optional<String>> orders,
        Map<String, AlertNote> notes,
        Optional<Instant> pruneBefore) {
    public Changes {
        states = List.copyOf(states);
        forgotten = List.copyOf(forgotten);
        conversations = List.copyOf(conversations);
        dropped = List.copyOf(dropped);
        history = List.copyOf(history);
        attempts = List.copyOf(attempts);
        orders = Map.copyOf(orders);
        notes = Map.copyOf(notes);
    }
}
