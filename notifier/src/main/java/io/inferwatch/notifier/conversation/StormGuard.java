package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Notification.Opened;
import io.inferwatch.rules.Alert;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Makes one group of those that would open at a receiver, where more than {@value #MOST_NEW} did within a minute. What was
 * opened by itself before stays so; what was swept together stays together until it is over. Pure; one object a tick.
 */
final class StormGuard {
    static final int MOST_NEW = 20;
    private static final Duration WITHIN = Duration.ofSeconds(60);
    private static final String RULE = "sidecar_storm";
    private static final String NOTE = "storm: more than " + MOST_NEW + " new groups within " + WITHIN.toSeconds()
            + " s are told as one, which closes when its last member does";

    private final Map<Target, Conversation> conversations;
    private final Instant at;
    private final Set<Target> swept = new HashSet<>();

    StormGuard(Map<Target, Conversation> conversations, Instant at) {
        this.conversations = conversations;
        this.at = at;
    }

    static boolean isOne(Target target) {
        return isOne(target.group());
    }

    /** Whether a group is a storm and no rule's. */
    static boolean isOne(GroupKey group) {
        return group.rule().equals(RULE);
    }

    /**
     * The groups with those of storms among them; what was swept into one is still there, to be passed over.
     *
     * @param groupsItself receivers that want no storms made for them
     * @param fallback the group at the fallback of a receiver that cannot be told
     */
    Map<Target, Group> gathered(
            Map<Target, Group> groups, Predicate<String> groupsItself, Function<Group, Optional<Group>> fallback) {
        Map<String, List<Group>> opening = new LinkedHashMap<>();
        for (Group group : groups.values()) {
            Conversation was = conversations.getOrDefault(group.target(), Conversation.start(group.target()));
            if (was.guard().isSwept()) {
                swept.add(group.target());
            } else if (isOpening(was, group)
                    && !groupsItself.test(group.target().receiver())) {
                opening.computeIfAbsent(group.target().receiver(), r -> new ArrayList<>())
                        .add(group);
            }
        }
        Map<String, Integer> recent = opening.isEmpty() ? Map.of() : recentlyOpened();
        opening.forEach((receiver, candidates) -> {
            if (candidates.size() + recent.getOrDefault(receiver, 0) > MOST_NEW) {
                candidates.forEach(group -> swept.add(group.target()));
            }
        });
        return swept.isEmpty() ? groups : withStorms(groups, fallback);
    }

    private boolean isOpening(Conversation was, Group group) {
        return was.told().isEmpty()
                && was.owed().isEmpty()
                && !group.quiet()
                && !isOne(group.target())
                && Decider.isOpeningDue(was, group, at);
    }

    /** How many groups each receiver had opened within the last minute. */
    private Map<String, Integer> recentlyOpened() {
        Instant since = at.minus(WITHIN);
        Map<String, Integer> recent = new HashMap<>();
        for (Conversation conversation : conversations.values()) {
            Optional<Instant> opened = conversation
                    .guard()
                    .sweptAt()
                    .or(() -> conversation.told().map(Told::openedAt))
                    .or(() -> conversation
                            .owed()
                            .filter(owed -> owed.what() instanceof Opened)
                            .map(Owed::since));
            if (opened.filter(since::isBefore).isPresent() && !isOne(conversation.target())) {
                recent.merge(conversation.target().receiver(), 1, Integer::sum);
            }
        }
        return recent;
    }

    private Map<Target, Group> withStorms(Map<Target, Group> groups, Function<Group, Optional<Group>> fallback) {
        Map<String, List<Group>> byReceiver = new LinkedHashMap<>();
        swept.forEach(target -> byReceiver
                .computeIfAbsent(target.receiver(), r -> new ArrayList<>())
                .add(java.util.Objects.requireNonNull(groups.get(target))));
        Map<Target, Group> all = new LinkedHashMap<>(groups);
        byReceiver.forEach((receiver, members) -> {
            Group storm = storm(receiver, members);
            for (Optional<Group> next = Optional.of(storm); next.isPresent(); next = next.flatMap(fallback)) {
                if (all.putIfAbsent(next.get().target(), next.get()) != null) {
                    break;
                }
            }
        });
        return all;
    }

    private static Group storm(String receiver, List<Group> parts) {
        Target target = new Target(receiver, new GroupKey(RULE, LabelSet.of("receiver", receiver)));
        Map<String, Alert> members = new LinkedHashMap<>();
        parts.forEach(part -> part.members().forEach(alert -> members.putIfAbsent(alert.id(), alert)));
        List<Alert> sorted =
                members.values().stream().sorted(Group.MOST_URGENT_FIRST).toList();
        Group lead = parts.stream().min(Comparator.comparing(Group::tier)).orElseThrow();
        boolean quiet = parts.stream().allMatch(Group::quiet);
        boolean acked = parts.stream().noneMatch(part -> part.ackedBy().isEmpty());
        return new Group(target, sorted, lead.timing(), lead.origin(), NOTE, quiet, acked ? lead.ackedBy() : "");
    }

    boolean isSwept(Target target) {
        return swept.contains(target);
    }

    Conversation swept(Conversation was) {
        return was.guard().isSwept() ? was : was.known().with(was.guard().swept(Optional.of(at)));
    }
}
