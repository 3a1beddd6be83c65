package io.inferwatch.rules;

import java.time.Instant;
import java.util.List;

/**
 * All that one tick brought.
 *
 * @param plan the routes and receivers of the rule set this tick was evaluated with
 * @param alerts every pending and firing instance
 * @param changed instances whose stored state must be written
 * @param forgotten instances whose stored state must be deleted
 */
public record TickResult(
        Instant at,
        NotificationPlan plan,
        List<Alert> alerts,
        List<AlertTransition> transitions,
        List<StoredState> changed,
        List<AlertKey> forgotten) {
    public TickResult {
        alerts = List.copyOf(alerts);
        transitions = List.copyOf(transitions);
        changed = List.copyOf(changed);
        forgotten = List.copyOf(forgotten);
    }
}
