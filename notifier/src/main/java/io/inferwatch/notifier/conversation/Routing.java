package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.notifier.conversation.Group.Timing;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** From firing alerts and routes to groups at receivers. Pure. */
final class Routing {
    private final Origin origin;

    Routing(Origin origin) {
        this.origin = origin;
    }

    private record Routed(Alert alert, Timing timing) {}

    /** The groups that routes ask for, and those that fallbacks take over from receivers that cannot be told. */
    Map<Target, Group> groups(TickView view, Map<Target, Conversation> conversations) {
        Map<Target, List<Routed>> routed = new LinkedHashMap<>();
        for (Alert alert : view.alerts()) {
            if (alert.state() instanceof Firing firing) {
                route(alert, firing.tier(), view.plan(), routed);
            }
        }
        Map<Target, Group> groups = new LinkedHashMap<>();
        routed.forEach((target, members) -> groups.put(target, group(target, members)));
        addFallbacks(groups, view.plan(), conversations);
        return groups;
    }

    private void route(Alert alert, Tier tier, NotificationPlan plan, Map<Target, List<Routed>> routed) {
        LabelSet labels =
                LabelSet.of("host", origin.hostId()).plus(origin.labels()).plus(alert.labels());
        for (Route route : plan.routes()) {
            if (!matches(route, alert, tier, labels)) {
                continue;
            }
            Timing timing = new Timing(route.groupWait(), route.groupInterval(), route.repeat());
            GroupKey key = new GroupKey(alert.key().rule(), groupLabels(route, alert, tier, labels));
            for (String receiver : route.to()) {
                List<Routed> members = routed.computeIfAbsent(new Target(receiver, key), t -> new ArrayList<>());
                if (members.stream().noneMatch(member -> member.alert().id().equals(alert.id()))) {
                    members.add(new Routed(alert, timing));
                }
            }
            if (!route.also()) {
                return;
            }
        }
    }

    private static boolean matches(Route route, Alert alert, Tier tier, LabelSet labels) {
        return (route.tiers().isEmpty() || route.tiers().contains(tier))
                && route.rules().map(rule -> rule.matches(alert.key().rule())).orElse(true)
                && route.labels().stream().allMatch(matcher -> matches(matcher, labels));
    }

    private static boolean matches(LabelMatcher matcher, LabelSet labels) {
        return matcher.matches(labels.get(matcher.label()).orElse(""));
    }

    private static LabelSet groupLabels(Route route, Alert alert, Tier tier, LabelSet labels) {
        if (route.groupBy().isEmpty()) {
            return alert.key().labels();
        }
        Map<String, String> chosen = new TreeMap<>();
        for (String name : route.groupBy().get()) {
            switch (name) {
                case "rule" -> {
                    // Every group has its rule.
                }
                case "tier" -> chosen.put(name, tier.name());
                default -> labels.get(name).ifPresent(value -> chosen.put(name, value));
            }
        }
        return LabelSet.of(chosen);
    }

    /** The most urgent member's route says when. */
    private Group group(Target target, List<Routed> routed) {
        routed.sort((a, b) -> Group.MOST_URGENT_FIRST.compare(a.alert(), b.alert()));
        List<Alert> members = routed.stream().map(Routed::alert).toList();
        return new Group(target, members, routed.getFirst().timing(), origin, "");
    }

    /** A fallback may fail as well; the chain ends where a receiver has none or was already asked. */
    private static void addFallbacks(
            Map<Target, Group> groups, NotificationPlan plan, Map<Target, Conversation> conversations) {
        List<Group> failing = new ArrayList<>(groups.values());
        while (!failing.isEmpty()) {
            List<Group> added = new ArrayList<>();
            for (Group group : failing) {
                fallback(group, plan, conversations)
                        .filter(other -> !groups.containsKey(other.target()))
                        .ifPresent(other -> {
                            groups.put(other.target(), other);
                            added.add(other);
                        });
            }
            failing = added;
        }
    }

    private static Optional<Group> fallback(
            Group group, NotificationPlan plan, Map<Target, Conversation> conversations) {
        Conversation conversation = conversations.get(group.target());
        Receiver receiver = plan.receivers().get(group.target().receiver());
        if (conversation == null || receiver == null || conversation.failing().isEmpty()) {
            return Optional.empty();
        }
        String note = receiver.name() + " could not be told: "
                + conversation.failing().get();
        Timing timing = new Timing(
                Duration.ZERO, group.timing().interval(), group.timing().repeat());
        return receiver.fallback()
                .filter(plan.receivers()::containsKey)
                .map(name -> new Group(
                        new Target(name, group.target().group()), group.members(), timing, group.origin(), note));
    }
}
