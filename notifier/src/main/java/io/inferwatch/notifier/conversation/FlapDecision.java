package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Flapping;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.rules.NotificationPlan.FlapGuard;
import io.inferwatch.rules.yaml.Durations;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Stands between what would be decided and what is: a group that changes too often is told to flap, stays open, and is
 * told nothing more until it has been stable; but for a rise above the highest tier told. Pure.
 */
final class FlapDecision {
    private static final String CLEAR = "clear";

    private FlapDecision() {}

    /** @param decide what would be decided without the guard */
    static Conversation of(
            Conversation before, Optional<Group> group, TickView view, UnaryOperator<Conversation> decide) {
        FlapGuard limits = view.plan().flap();
        Instant at = view.at();
        Guard guard = before.guard();
        if (!guard.isFlapping()) {
            return limited(before, decide.apply(before), group, limits, at);
        }
        String seen = seen(group);
        boolean isHere = view.plan().receivers().containsKey(before.target().receiver());
        boolean stable = guard.lastSeen().equals(seen)
                && !guard.lastChangeAt().orElse(at).plus(limits.hold()).isAfter(at);
        if (stable || !isHere) {
            return decide.apply(before.with(guard.calm()));
        }
        Conversation now = guard.lastSeen().equals(seen) ? before : before.with(guard.flapping(seen, at));
        boolean rise = group.isPresent()
                && before.mayBeKnown()
                        .map(known -> group.get().tier().isMoreUrgentThan(known.tier()))
                        .orElse(false);
        boolean undelivered = before.owed().isPresent();
        return rise && !undelivered ? decide.apply(now) : now;
    }

    private static String seen(Optional<Group> group) {
        return group.map(firing -> firing.tier().name()).orElse(CLEAR);
    }

    private static Conversation limited(
            Conversation before, Conversation after, Optional<Group> group, FlapGuard limits, Instant at) {
        boolean isNew = after.owed().isPresent()
                && before.owed().map(owed -> !isChange(owed.what())).orElse(true)
                && isChange(after.owed().get().what());
        if (!isNew || !before.guard().isExhausted(limits, at)) {
            return after;
        }
        Owed owed = after.owed().orElseThrow();
        String note = "flapping: more than " + limits.changes() + " changes within "
                + Durations.format(limits.within()) + "; quiet until it has been stable for "
                + Durations.format(limits.hold());
        Guard flapping = after.guard().flapping(seen(group), at);
        return after.withOwed(Optional.of(owed.saying(noted(owed.what(), note))))
                .with(flapping);
    }

    private static boolean isChange(Notification what) {
        return what instanceof Opened || what instanceof TierChanged || what instanceof Closed;
    }

    private static Notification noted(Notification what, String note) {
        Situation situation = what.situation().withNote(note);
        return switch (what) {
            case Opened opened -> new Opened(situation);
            case TierChanged changed -> new TierChanged(situation, changed.from());
            case Closed closed -> new Flapping(situation);
            case Notification.MembersChanged changed -> changed;
            case Notification.Repeated repeated -> repeated;
            case Notification.Acknowledged acknowledged -> acknowledged;
            case Flapping flapping -> flapping;
            case Notification.Report report -> report;
        };
    }
}
