package io.inferwatch.notifier.conversation;

import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What is decided upon: the newest tick, what ended since the last decision, what operators ordered,
 * and how the watchdog fares.
 *
 * @param alerts every pending and firing instance
 * @param ended instances that closed or were forgotten, with the reason
 */
public record TickView(
        Instant at,
        NotificationPlan plan,
        List<Alert> alerts,
        Map<AlertKey, String> ended,
        Orders orders,
        Beats beats) {
    public TickView {
        alerts = List.copyOf(alerts);
        ended = Map.copyOf(ended);
    }

    /** Whether something of a group ended. */
    public boolean tellsTheEndOf(GroupKey group) {
        return ended.keySet().stream().anyMatch(alert -> covers(group, alert));
    }

    /** Whether an instance may belong to a group, which may still have the name its rule had before. */
    boolean covers(GroupKey group, AlertKey alert) {
        String former = plan.formerNames().get(alert.rule());
        return group.covers(alert) || (former != null && group.covers(new AlertKey(former, alert.labels())));
    }

    public TickView with(Orders newOrders, Beats newBeats) {
        return new TickView(at, plan, alerts, ended, newOrders, newBeats);
    }
}
