package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.conversation.Group.Timing;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** From firing alerts and routes to groups at receivers, without what is muted. Pure; one object a tick. */
final class Routing {
    private final Origin origin;
    private final ReceiverTraits traits;
    private final TickView view;
    private final Map<Target, Conversation> conversations;
    private final Map<Target, List<Routed>> routed = new LinkedHashMap<>();
    private final Set<String> loud = new HashSet<>();
    private final Map<String, String> mutedBy = new LinkedHashMap<>();

    Routing(Origin origin, ReceiverTraits traits, TickView view, Map<Target, Conversation> conversations) {
        this.origin = origin;
        this.traits = traits;
        this.view = view;
        this.conversations = conversations;
    }

    private record Routed(Fired fired, Timing timing, Optional<String> mutedBy) {}

    /**
     * What came of the routes.
     *
     * @param groups that fire at a receiver; of what is muted only what was told before it was
     * @param muted targets of which nothing was told and nothing may be now
     * @param mutedBy alerts nobody is told of, by their ids, with the reason
     */
    record Routes(Map<Target, Group> groups, Set<Target> muted, Map<String, String> mutedBy) {}

    /** The groups that routes ask for, those of escalations, and those that fallbacks take over. */
    Routes routes() {
        List<Fired> firing = Fired.all(view, origin);
        Muting muting = new Muting(view, firing);
        firing.forEach(alert -> route(alert, muting));
        Map<Target, Group> groups = new LinkedHashMap<>();
        Set<Target> muted = new LinkedHashSet<>();
        routed.forEach((target, members) ->
                group(target, members).ifPresentOrElse(group -> groups.put(target, group), () -> muted.add(target)));
        addWatchdog(groups);
        addEscalations(groups);
        addFallbacks(groups);
        loud.forEach(mutedBy::remove);
        return new Routes(groups, muted, mutedBy);
    }

    private void route(Fired alert, Muting muting) {
        Optional<String> everywhere = muting.of(alert);
        for (Route route : view.plan().routes()) {
            if (!alert.matches(route.match())) {
                continue;
            }
            Optional<String> reason = everywhere.or(() -> muting.of(route));
            reason.ifPresentOrElse(
                    by -> mutedBy.putIfAbsent(alert.alert().id(), by),
                    () -> loud.add(alert.alert().id()));
            Timing timing = new Timing(route.groupWait(), route.groupInterval(), route.repeat(), route.escalations());
            for (String receiver : route.to()) {
                if (isDigest(receiver)) {
                    continue;
                }
                LabelSet group = groupsItself(receiver) ? alert.alert().key().labels() : groupLabels(route, alert);
                add(target(receiver, new GroupKey(alert.rule(), group)), new Routed(alert, timing, reason));
            }
            if (!route.also()) {
                return;
            }
        }
    }

    /** What was opened under the name its rule had before is told of under that name until it closes. */
    private Target target(String receiver, GroupKey group) {
        String former = view.plan().formerNames().get(group.rule());
        Target own = new Target(receiver, group);
        if (former == null) {
            return own;
        }
        Target before = new Target(receiver, new GroupKey(former, group.labels()));
        return isRunning(before) && !isRunning(own) ? before : own;
    }

    private boolean isRunning(Target target) {
        Conversation there = conversations.get(target);
        return there != null && !there.isSettled();
    }

    /** Whether it is told at set times only. */
    private boolean isDigest(String receiver) {
        Receiver known = view.plan().receivers().get(receiver);
        return known != null && known.digest().isPresent();
    }

    boolean groupsItself(String receiver) {
        Receiver known = view.plan().receivers().get(receiver);
        return known != null && traits.groupsItself(known.type());
    }

    private void add(Target target, Routed routed) {
        List<Routed> members = this.routed.computeIfAbsent(target, t -> new ArrayList<>());
        String id = routed.fired().alert().id();
        if (members.stream().noneMatch(member -> member.fired().alert().id().equals(id))) {
            members.add(routed);
        }
    }

    private static LabelSet groupLabels(Route route, Fired alert) {
        if (route.groupBy().isEmpty()) {
            return alert.alert().key().labels();
        }
        Map<String, String> chosen = new TreeMap<>();
        for (String name : route.groupBy().get()) {
            switch (name) {
                case "rule" -> {
                    // Every group has its rule.
                }
                case "tier" -> chosen.put(name, alert.tier().name());
                default -> alert.labels().get(name).ifPresent(value -> chosen.put(name, value));
            }
        }
        return LabelSet.of(chosen);
    }

    /** The most urgent member's route says when. What is muted stays as it was told, and no more urgent. */
    private Optional<Group> group(Target target, List<Routed> all) {
        List<Alert> members = new ArrayList<>();
        Map<String, Timing> timings = new LinkedHashMap<>();
        boolean quiet = true;
        for (Routed each : all) {
            Optional<Tier> most = each.mutedBy().isEmpty()
                    ? Optional.of(Tier.P0)
                    : toldTier(target, each.fired().alert());
            quiet &= each.mutedBy().isPresent();
            most.ifPresent(tier -> {
                members.add(each.fired().cappedAt(tier));
                timings.put(each.fired().alert().id(), each.timing());
            });
        }
        if (members.isEmpty()) {
            return Optional.empty();
        }
        members.sort(Group.MOST_URGENT_FIRST);
        Timing timing =
                java.util.Objects.requireNonNull(timings.get(members.getFirst().id()));
        return Optional.of(new Group(target, members, timing, origin, "", quiet, ackedBy(members)));
    }

    /** The tier a receiver knows of, or may know of, this alert. */
    private Optional<Tier> toldTier(Target target, Alert alert) {
        return Optional.ofNullable(conversations.get(target))
                .flatMap(Conversation::mayBeKnown)
                .flatMap(known -> known.members().stream()
                        .filter(member -> member.id().equals(alert.id()))
                        .map(Member::tier)
                        .findFirst()
                        .or(() -> Optional.of(known.tier())
                                .filter(tier ->
                                        known.memberCount() > known.members().size())));
    }

    /** Who has taken on all of them; empty where one is nobody's. */
    private String ackedBy(List<Alert> members) {
        String by = "";
        for (Alert member : members) {
            Ack ack = view.orders().acks().get(member.id());
            if (ack == null || !ack.covers(Group.tierOf(member))) {
                return "";
            }
            by = by.isEmpty() ? ack.by() : by;
        }
        return by;
    }

    private void addWatchdog(Map<Target, Group> groups) {
        view.plan()
                .watchdog()
                .ifPresent(watchdog -> watchdog.to()
                        .forEach(receiver -> view.beats()
                                .group(receiver, watchdog, origin, view.at())
                                .ifPresent(group -> groups.put(group.target(), group))));
    }

    /** What nobody acknowledged in time is told others, who then hear the end of it too. */
    private void addEscalations(Map<Target, Group> groups) {
        for (Group group : List.copyOf(groups.values())) {
            for (Escalation step : group.timing().escalations()) {
                for (String receiver : step.to()) {
                    Target target = new Target(receiver, group.target().group());
                    if (!groups.containsKey(target) && isEscalated(group, step, target)) {
                        String note = "nobody acknowledged it within " + Durations.format(step.after());
                        groups.put(target, takenOver(group, target, note));
                    }
                }
            }
        }
    }

    private boolean isEscalated(Group group, Escalation step, Target target) {
        Conversation there = conversations.get(target);
        if (there != null && there.stillOpen().isPresent()) {
            return true;
        }
        Optional<Instant> since =
                Optional.ofNullable(conversations.get(group.target())).flatMap(Conversation::firstToldAt);
        return group.ackedBy().isEmpty()
                && !group.quiet()
                && since.map(at -> !at.plus(step.after()).isAfter(view.at())).orElse(false);
    }

    /** A fallback may fail as well; the chain ends where a receiver has none or was already asked. */
    private void addFallbacks(Map<Target, Group> groups) {
        List<Group> failing = new ArrayList<>(groups.values());
        while (!failing.isEmpty()) {
            List<Group> added = new ArrayList<>();
            for (Group group : failing) {
                fallback(group)
                        .filter(other -> !groups.containsKey(other.target()))
                        .ifPresent(other -> {
                            groups.put(other.target(), other);
                            added.add(other);
                        });
            }
            failing = added;
        }
    }

    Optional<Group> fallback(Group group) {
        NotificationPlan plan = view.plan();
        Conversation conversation = conversations.get(group.target());
        Receiver receiver = plan.receivers().get(group.target().receiver());
        if (conversation == null || receiver == null || conversation.failing().isEmpty()) {
            return Optional.empty();
        }
        String note = receiver.name() + " could not be told: "
                + conversation.failing().get();
        return receiver.fallback()
                .filter(plan.receivers()::containsKey)
                .map(name -> takenOver(group, new Target(name, group.target().group()), note));
    }

    private static Group takenOver(Group group, Target target, String note) {
        Timing timing = new Timing(
                Duration.ZERO, group.timing().interval(), group.timing().repeat(), List.of());
        return new Group(target, group.members(), timing, group.origin(), note, group.quiet(), group.ackedBy());
    }
}
