package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Acknowledged;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.MembersChanged;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.channel.Notification.TierChanged;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.conversation.Routing.Routes;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what each receiver is owed: pure, from what fires now and what the receiver was told. It sees no queue and no
 * clock, so that the same ticks always lead to the same notices.
 */
public final class Decider {
    /** How long a settled conversation is remembered, so that a quick return respects {@code interval}. */
    static final Duration REMEMBERED = Duration.ofHours(1);

    private final Origin origin;
    private final ReceiverTraits traits;
    private final Closing closing;

    public Decider(Origin origin, ReceiverTraits traits) {
        this.origin = origin;
        this.traits = traits;
        this.closing = new Closing(origin);
    }

    /**
     * What changes.
     *
     * @param changed conversations in their new form
     * @param dropped those that are over
     * @param mutedBy firing alerts nobody is told of, by their ids, with the reason
     */
    public record Decision(List<Conversation> changed, List<Target> dropped, Map<String, String> mutedBy) {}

    /**
     * @param busy targets with an attempt under way; they are left for the next decision
     * @param startedAt the first tick of this process
     */
    public Decision decide(
            Map<Target, Conversation> conversations, TickView view, Set<Target> busy, Instant startedAt) {
        Routing routing = new Routing(origin, traits, view, conversations);
        Routes routes = routing.routes();
        StormGuard storms = new StormGuard(conversations, view.at());
        Map<Target, Group> groups = storms.gathered(routes.groups(), routing::groupsItself, routing::fallback);
        List<Conversation> changed = new ArrayList<>();
        List<Target> dropped = new ArrayList<>();
        for (Group group : groups.values()) {
            Conversation before = conversations.get(group.target());
            if (!busy.contains(group.target())) {
                Conversation was = before == null ? Conversation.start(group.target()) : before;
                Conversation after = storms.isSwept(group.target())
                        ? storms.swept(was)
                        : FlapDecision.of(was, Optional.of(group), view, now -> firing(now, group, view));
                if (!after.equals(was)) {
                    changed.add(after);
                }
            }
        }
        for (Conversation before : conversations.values()) {
            if (groups.containsKey(before.target()) || busy.contains(before.target())) {
                continue;
            }
            if (isOver(before, view)) {
                dropped.add(before.target());
            } else {
                Conversation after = routes.muted().contains(before.target())
                        ? muted(before, view, startedAt)
                        : gone(before, view, startedAt);
                if (!after.equals(before)) {
                    changed.add(after);
                }
            }
        }
        return new Decision(changed, dropped, routes.mutedBy());
    }

    private static boolean isOver(Conversation conversation, TickView view) {
        Duration within = view.plan().flap().within();
        Duration kept = within.compareTo(REMEMBERED) > 0 ? within : REMEMBERED;
        if (Digests.isOne(conversation.target())) {
            return conversation.isSettled()
                    && !view.plan()
                            .receivers()
                            .containsKey(conversation.target().receiver());
        }
        return conversation.isSettled()
                && conversation
                        .lastNoticeAt()
                        .map(last -> !last.plus(kept).isAfter(view.at()))
                        .orElse(true);
    }

    /** What was to be opened is muted now: nobody is told, unless somebody may have been. */
    private Conversation muted(Conversation before, TickView view, Instant startedAt) {
        boolean untold = before.told().isEmpty()
                && before.owed().map(owed -> !owed.isInDoubt()).orElse(true);
        return untold ? before.known().withOwed(Optional.empty()).withoutFailure() : gone(before, view, startedAt);
    }

    private Conversation gone(Conversation before, TickView view, Instant startedAt) {
        if (Digests.isOne(before.target())) {
            return before;
        }
        return FlapDecision.of(before, Optional.empty(), view, now -> closing.absent(now, view, startedAt));
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
            if (group.quiet()) {
                return now;
            }
            // A close that may have arrived must be undone aloud; one that was not sent never happened.
            return now.withOwed(
                    owed.isInDoubt()
                            ? Optional.of(Owed.of(new Repeated(group.situation()), told.key(), view.at()))
                            : change(now, told, group, view));
        }
        if (owed.isInDoubt() || group.differsFrom(told.situation())) {
            return refreshed(now, owed, told, group, view);
        }
        boolean stillTrue = owed.what() instanceof Repeated
                ? mayRepeat(group)
                : owed.what() instanceof Acknowledged && !group.ackedBy().isEmpty();
        return stillTrue ? now : now.withOwed(Optional.empty());
    }

    private static Conversation opening(Conversation now, Group group, Instant at) {
        if (now.owed().isPresent()) {
            Owed owed = now.owed().get();
            boolean same = owed.what() instanceof Opened
                    && owed.thenClose().isEmpty()
                    && !group.differsFrom(owed.what().situation());
            return same ? now : now.withOwed(Optional.of(owed.saying(new Opened(group.situation()))));
        }
        if (group.quiet() || !isOpeningDue(now, group, at)) {
            return now;
        }
        String key = freeKey(now, group, "");
        return now.withOwed(Optional.of(Owed.of(new Opened(group.situation()), key, at)));
    }

    /** Whether a group that nothing is known of there may be told now. */
    static boolean isOpeningDue(Conversation now, Group group, Instant at) {
        boolean waited = group.tier() == Tier.P0
                || !group.firedAt().plus(group.timing().firstWait()).isAfter(at);
        return waited
                && (isUrgent(group.tier()) || hasPassed(now, group.timing().interval(), at));
    }

    /** The newest content replaces what was owed; a key that may already be open there keeps being used. */
    private Conversation refreshed(Conversation now, Owed owed, Told told, Group group, TickView view) {
        boolean same =
                owed.thenClose().isEmpty() && !group.differsFrom(owed.what().situation());
        if (same) {
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
            boolean rise = isRise(told, group);
            boolean due = rise || hasPassed(now, group.timing().interval(), at);
            return due
                    ? Optional.of(Owed.of(reason(told.situation(), group), keyOf(now, told, group, view), at))
                    : Optional.empty();
        }
        if (!group.ackedBy().isEmpty() && told.situation().ackedBy().isEmpty()) {
            Situation acked = group.situation().withAckedBy(group.ackedBy());
            return Optional.of(Owed.of(new Acknowledged(acked), told.key(), at));
        }
        boolean repeat = mayRepeat(group)
                && group.timing()
                        .repeat()
                        .map(every -> hasPassed(now, every, at))
                        .orElse(false);
        return repeat ? Optional.of(Owed.of(new Repeated(group.situation()), told.key(), at)) : Optional.empty();
    }

    /** What is muted, or somebody's already, is not told again. */
    private static boolean mayRepeat(Group group) {
        return !group.quiet() && group.ackedBy().isEmpty();
    }

    private static Notification reason(Situation told, Group group) {
        String stillAckedBy = group.ackedBy().isEmpty() ? "" : told.ackedBy();
        Situation situation = group.situation().withAckedBy(stillAckedBy);
        if (situation.tier() != told.tier()) {
            return new TierChanged(situation, told.tier());
        }
        return situation.differsFrom(told) ? new MembersChanged(situation) : new Repeated(situation);
    }

    /** A rise to P0 or P1, or news of what somebody took on, must wake somebody: some receivers do so for a new key only. */
    private String keyOf(Conversation now, Told told, Group group, TickView view) {
        Receiver receiver = view.plan().receivers().get(group.target().receiver());
        if (receiver == null || !traits.wakesByNewKey(receiver.type())) {
            return told.key();
        }
        if (isRise(told, group)) {
            return freeKey(now, group, "#" + group.tier());
        }
        boolean newInAcked = !told.situation().ackedBy().isEmpty()
                && group.ackedBy().isEmpty()
                && group.hasNewMember(told.situation());
        return newInAcked ? freeKey(now, group, "#2") : told.key();
    }

    private static boolean isRise(Told told, Group group) {
        return isUrgent(group.tier())
                && group.tier().isMoreUrgentThan(told.situation().tier());
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
}
