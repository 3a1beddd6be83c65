package io.inferwatch.rules.engine;

import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What one tick has brought so far. */
final class Outcome {
    final List<Alert> alerts = new ArrayList<>();
    final List<AlertTransition> transitions = new ArrayList<>();
    final List<StoredState> changed = new ArrayList<>();
    final List<AlertKey> forgotten = new ArrayList<>();

    TickResult at(Instant t, NotificationPlan plan) {
        return new TickResult(t, plan, alerts, transitions, changed, forgotten);
    }
}
