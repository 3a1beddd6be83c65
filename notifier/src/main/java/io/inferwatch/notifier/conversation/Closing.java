package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.AlertState.Pending;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** What a receiver is owed of a group that fires no longer, or not for it. Pure. */
final class Closing {
    /** How long after a restart an open alert that nobody speaks of stays open. */
    static final Duration HELD = Duration.ofMinutes(15);

    private final Origin origin;

    Closing(Origin origin) {
        this.origin = origin;
    }

    Conversation absent(Conversation before, TickView view, Instant startedAt) {
        if (before.held() && !isKnown(before, view, startedAt)) {
            return before;
        }
        Conversation now =
                before.known().withoutFailureWhenSettled().with(before.guard().swept(Optional.empty()));
        if (now.owed().isEmpty()) {
            return now.withOwed(now.told().map(told -> closing(now, told, view)));
        }
        Owed owed = now.owed().get();
        if (owed.what() instanceof Closed || owed.thenClose().isPresent()) {
            return dropsUnknownOpen(now, owed) ? now.withOwed(Optional.empty()).withoutFailure() : now;
        }
        if (now.told().isPresent()) {
            Told told = now.told().get();
            boolean newKeyInDoubt = owed.isInDoubt() && !owed.key().equals(told.key());
            return now.withOwed(Optional.of(
                    newKeyInDoubt
                            ? owed.thenClosing(close(now, owed.what().situation(), view))
                            : closing(now, told, view)));
        }
        return dropsUnknownOpen(now, owed)
                ? now.withOwed(Optional.empty()).withoutFailure()
                : now.withOwed(
                        Optional.of(owed.thenClosing(close(now, owed.what().situation(), view))));
    }

    /** An open that was turned down for good has reached nobody: there is nothing to close. */
    private static boolean dropsUnknownOpen(Conversation now, Owed owed) {
        return now.told().isEmpty() && now.failing().isPresent() && owed.what() instanceof Opened && !owed.isInDoubt();
    }

    private Owed closing(Conversation now, Told told, TickView view) {
        return Owed.of(close(now, told.situation(), view), told.key(), view.at());
    }

    private Closed close(Conversation now, Situation last, TickView view) {
        return new Closed(last, reason(now.target(), view), view.at());
    }

    private String reason(Target target, TickView view) {
        Optional<String> ended = view.ended().entrySet().stream()
                .filter(entry -> view.covers(target.group(), entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
        if (ended.isPresent()) {
            return ended.get();
        }
        if (!view.plan().receivers().containsKey(target.receiver())) {
            return "receiver removed from the configuration on " + origin.hostId();
        }
        if (Beats.isOne(target.group())) {
            return "heartbeats arrive again";
        }
        if (StormGuard.isOne(target)) {
            return "all of them are over";
        }
        return firesElsewhere(target, view) ? "no longer routed here" : "cleared";
    }

    private static boolean isKnown(Conversation conversation, TickView view, Instant startedAt) {
        GroupKey group = conversation.target().group();
        if (Beats.isOne(group)) {
            return view.beats().isKnown() || view.plan().watchdog().isEmpty();
        }
        for (AlertKey ended : view.ended().keySet()) {
            if (view.covers(group, ended)) {
                return true;
            }
        }
        boolean pending = view.alerts().stream()
                .filter(alert -> alert.state() instanceof Pending)
                .map(Alert::key)
                .anyMatch(key -> view.covers(group, key));
        return firesElsewhere(conversation.target(), view)
                || (!pending && !startedAt.plus(HELD).isAfter(view.at()));
    }

    private static boolean firesElsewhere(Target target, TickView view) {
        return view.alerts().stream()
                .filter(alert -> alert.state() instanceof Firing)
                .map(Alert::key)
                .anyMatch(key -> view.covers(target.group(), key));
    }
}
