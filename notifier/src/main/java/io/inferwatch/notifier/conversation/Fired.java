package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.List;

/**
 * A firing alert with all labels that routes, inhibitions and silences may ask for.
 *
 * @param labels those of its host, the configured ones and its own
 */
record Fired(Alert alert, Tier tier, LabelSet labels) {

    static List<Fired> all(TickView view, Origin origin) {
        LabelSet common = LabelSet.of("host", origin.hostId()).plus(origin.labels());
        return view.alerts().stream()
                .filter(alert -> alert.state() instanceof Firing)
                .map(alert -> new Fired(alert, ((Firing) alert.state()).tier(), common.plus(alert.labels())))
                .toList();
    }

    /** When it began to fire, at whatever tier. */
    Instant openedAt() {
        return ((Firing) alert.state()).firedAt();
    }

    String rule() {
        return alert.key().rule();
    }

    boolean matches(AlertMatch match) {
        return match.matches(rule(), tier, labels);
    }

    /** The same alert as if it were no more urgent than {@code most}. */
    Alert cappedAt(Tier most) {
        if (!tier.isMoreUrgentThan(most) || !(alert.state() instanceof Firing firing)) {
            return alert;
        }
        return new Alert(
                alert.key(),
                alert.id(),
                new Firing(most, firing.since(), firing.firedAt()),
                alert.stale(),
                alert.labels(),
                alert.summary(),
                alert.description(),
                alert.runbook(),
                alert.value(),
                alert.why(),
                alert.gpus());
    }
}
