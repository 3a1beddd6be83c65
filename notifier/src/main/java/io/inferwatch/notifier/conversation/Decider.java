package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.AlertState.Pending;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides what each receiver is owed: pure, from what fires now and what the receiver was told. It sees no queue and no
 * clock, so that the same ticks always lead to the same notices.
 */
public final class Decider {
    /** How long a settled conversation is remembered, so that a quick return respects {@code interval}. */
    static final Duration REMEMBERED = Duration.ofHours(1);

    /** How long after a restart an open alert that nobody speaks of stays open. */
    static final Duration HELD = Duration.ofMinutes(15);

    private final Origin origin;
    private final Routing routing;
    private final Predicate<String> wakesByNewKey;

    /** @param wakesByNewKey whether receivers of a type are woken only by a new key */
    public Decider(Origin origin, Predicate<String> wakesByNewKey) {
        this.origin = origin;
        this.routing = new Routing(origin);
        this.wakesByNewKey = wakesByNewKey;
    }

    /**
     * What changes.
     *
     * @param changed conversations in their new form
     * @param dropped those that are over
     */
    public record Decision(List<Conversation> changed, List<Target> dropped) {}

    /**
     * @param busy targets with an attempt under way; they are left for the next decision
     * @param startedAt the first tick of this process
     */
    public Decision decide(
            Map<Target, Conversation> conversations, TickView view, Set<Target> busy, Instant startedAt) {
        Map<Target, Group> groups = routing.groups(view, conversations);
        List<Conversation> changed = new ArrayList<>();
        List<Target> dropped = new ArrayList<>();
        for (Group group : groups.values()) {
            Conversation before = conversations.get(group.target());
            if (!busy.contains(group.target())) {
                Conversation was = before == null ? Conversation.start(group.target()) : before;
                Conversation after = firing(was, group, view);
                if (!after.equals(was)) {
                    changed.add(after);
                }
            }
        }
        for (Conversation before : conversations.values()) {
            if (groups.containsKey(before.target()) || busy.contains(before.target())) {
                continue;
            }
            if (isOver(before, view.at())) {
                dropped.add(before.target());
            } else {
                Conversation after = absent(before, view, startedAt);
                if (!after.equals(before)) {
                    changed.add(after);
                }
            }
        }
        return new Decision(changed, dropped);
    }

    private static boolean isOver(Conversation conversation, Instant now) {
        return conversation.isSettled()
                && conversation
                        .lastNoticeAt()
                        .map(last -> !last.plus(REMEMBERED).isAfter(now))
                        .orElse(true);
    }

    private Conversation firing(Conversation before, Group group, TickView view) {
        Conversation now = before.known();
        if (now.told().isEmpty()) {
            return opening(now, group, view.at());
        }
        Told told = now.told().get();
        if (now.owed().isEmpty()) {
            return now.withOwed(change(now, told, group, view));
        }
        Owed owed = now.owed().get();
        if (owed.what() instanceof Closed) {
            // A close that may have arrived must be undone aloud; one that was not sent never happened.
            return now.withOwed(
                    owed.isInDoubt()
                            ? Optional.of(Owed.of(new Repeated(group.situation()), told.key(), view.at()))
                            : change(now, told, group, view));
        }
        if (owed.isInDoubt() || group.differsFrom(told.situation())) {
            return refreshed(now, owed, told, group, view);
        }
        return now.withOwed(owed.what() instanceof Repeated ? now.owed() : Optional.empty());
    }

    private static Conversation opening(Conversation now, Group group, Instant at) {
        if (now.owed().isPresent()) {
            Owed owed = now.owed().get();
            boolean same = owed.what() instanceof Opened
                    && owed.thenClose().isEmpty()
                    && !group.differsFrom(owed.what().situation());
            return same ? now : now.withOwed(Optional.of(owed.saying(new Opened(group.situation()))));
        }
        if (!isOpeningDue(now, group, at)) {
            return now;
        }
        String key = freeKey(now, group, "");
        return now.withOwed(Optional.of(Owed.of(new Opened(group.situation()), key, at)));
    }

    private static boolean isOpeningDue(Conversation now, Group group, Instant at) {
        boolean waited = group.tier() == Tier.P0
                || !group.firedAt().plus(group.timing().firstWait()).isAfter(at);
        return waited
                && (isUrgent(group.tier()) || hasPassed(now, group.timing().interval(), at));
    }

    /** The newest content replaces what was owed; a key that may already be open there keeps being used. */
    private Conversation refreshed(Conversation now, Owed owed, Told told, Group group, TickView view) {
        if (owed.thenClose().isEmpty() && !group.differsFrom(owed.what().situation())) {
            return now;
        }
        Notification what = reason(told.situation(), group);
        if (owed.isInDoubt()) {
            return now.withOwed(Optional.of(owed.saying(what)));
        }
        return now.withOwed(Optional.of(Owed.of(what, keyOf(now, told, group, view), owed.since())));
    }

    private Optional<Owed> change(Conversation now, Told told, Group group, TickView view) {
        Instant at = view.at();
        if (group.differsFrom(told.situation())) {
            boolean rise = isUrgent(group.tier())
                    && group.tier().isMoreUrgentThan(told.situation().tier());
            boolean due = rise || hasPassed(now, group.timing().interval(), at);
            return due
                    ? Optional.of(Owed.of(reason(told.situation(), group), keyOf(now, told, group, view), at))
                    : Optional.empty();
        }
        boolean repeat =
                group.timing().repeat().map(every -> hasPassed(now, every, at)).orElse(false);
        return repeat ? Optional.of(Owed.of(new Repeated(group.situation()), told.key(), at)) : Optional.empty();
    }

    private static Notification reason(Situation told, Group group) {
        Situation situation = group.situation();
        if (situation.tier() != told.tier()) {
            return new TierChanged(situation, told.tier());
        }
        return situation.differsFrom(told) ? new MembersChanged(situation) : new Repeated(situation);
    }

    /** A rise to P0 or P1 must wake somebody, which some receivers do for a new key only. */
    private String keyOf(Conversation now, Told told, Group group, TickView view) {
        Receiver receiver = view.plan().receivers().get(group.target().receiver());
        boolean rise = isUrgent(group.tier())
                && group.tier().isMoreUrgentThan(told.situation().tier());
        return rise && receiver != null && wakesByNewKey.test(receiver.type())
                ? freeKey(now, group, "#" + group.tier())
                : told.key();
    }

    private static boolean isUrgent(Tier tier) {
        return tier == Tier.P0 || tier == Tier.P1;
    }

    private static String freeKey(Conversation now, Group group, String suffix) {
        String host = group.origin().hostId();
        String key = group.target().group().dedupKey(host, suffix);
        for (int next = 2; now.isKeyTaken(key); next++) {
            key = group.target().group().dedupKey(host, "#" + next);
        }
        return key;
    }

    private static boolean hasPassed(Conversation conversation, Duration least, Instant at) {
        return conversation
                .lastNoticeAt()
                .map(last -> !last.plus(least).isAfter(at))
                .orElse(true);
    }

    /** The group fires no longer, or not for this receiver. */
    private Conversation absent(Conversation before, TickView view, Instant startedAt) {
        if (before.held() && !isKnown(before, view, startedAt)) {
            return before;
        }
        Conversation now = before.known().withoutFailureWhenSettled();
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
        return new Closed(last, closeReason(now.target(), view), view.at());
    }

    private String closeReason(Target target, TickView view) {
        Optional<String> ended = view.ended().entrySet().stream()
                .filter(entry -> target.group().covers(entry.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
        if (ended.isPresent()) {
            return ended.get();
        }
        if (!view.plan().receivers().containsKey(target.receiver())) {
            return "receiver removed from the configuration on " + origin.hostId();
        }
        return firesElsewhere(target, view) ? "no longer routed here" : "cleared";
    }

    private static boolean isKnown(Conversation conversation, TickView view, Instant startedAt) {
        GroupKey group = conversation.target().group();
        for (AlertKey ended : view.ended().keySet()) {
            if (group.covers(ended)) {
                return true;
            }
        }
        boolean pending = view.alerts().stream()
                .filter(alert -> alert.state() instanceof Pending)
                .map(Alert::key)
                .anyMatch(group::covers);
        return firesElsewhere(conversation.target(), view)
                || (!pending && !startedAt.plus(HELD).isAfter(view.at()));
    }

    private static boolean firesElsewhere(Target target, TickView view) {
        return view.alerts().stream()
                .filter(alert -> alert.state() instanceof Firing)
                .map(Alert::key)
                .anyMatch(target.group()::covers);
    }
}
