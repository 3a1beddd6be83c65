package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.conversation.Group.Timing;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the watchdog's heartbeats fare.
 *
 * @param isKnown whether one ended since the start
 * @param failure why they do not arrive; absent while they do
 */
public record Beats(boolean isKnown, Optional<String> failure) {
    private static final String RULE = "sidecar_watchdog";

    /** No watchdog, or nothing known of its beats yet. */
    public static final Beats NONE = new Beats(false, Optional.empty());

    public static Beats arriving() {
        return new Beats(true, Optional.empty());
    }

    public static Beats failing(String reason) {
        return new Beats(true, Optional.of(reason));
    }

    static boolean isOne(GroupKey group) {
        return group.rule().equals(RULE);
    }

    /** What the watchdog's own receivers are told while its beats fail: once, until they arrive again. */
    Optional<Group> group(String receiver, Watchdog watchdog, Origin origin, Instant at) {
        return failure.map(reason -> {
            AlertKey key = new AlertKey(RULE, LabelSet.EMPTY);
            Alert alert = new Alert(
                    key,
                    RULE,
                    new Firing(Tier.P1, at, at),
                    false,
                    LabelSet.EMPTY,
                    "Heartbeats of " + origin.hostId() + " do not arrive",
                    reason + "; one is sent every " + watchdog.every().toSeconds() + " s",
                    Optional.empty(),
                    "",
                    List.of());
            Timing timing = new Timing(Duration.ZERO, Duration.ZERO, Optional.empty(), List.of());
            Target target = new Target(receiver, new GroupKey(RULE, LabelSet.EMPTY));
            return new Group(target, List.of(alert), timing, origin, "", false, "");
        });
    }
}
