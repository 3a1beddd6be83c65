package io.inferwatch.notifier.conversation;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertState.Firing;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The firing instances of one group at one receiver in one tick.
 *
 * @param members the most urgent first; their state is {@link Firing}
 * @param note why it is told here, where that is not its route
 * @param quiet whether all of it is muted: it is there because it was told before it was
 * @param ackedBy who took all members on; empty where one is nobody's
 */
record Group(
        Target target, List<Alert> members, Timing timing, Origin origin, String note, boolean quiet, String ackedBy) {
    private static final int MAX_TEXT_CHARACTERS = 3000;
    private static final int MAX_LINE_CHARACTERS = 300;
    private static final int MAX_WHY_LINES = 32;

    /** When a route lets its groups be told. */
    record Timing(Duration firstWait, Duration interval, Optional<Duration> repeat, List<Escalation> escalations) {}

    static final Comparator<Alert> MOST_URGENT_FIRST = Comparator.comparing(Group::tierOf)
            .thenComparing(alert -> alert.key().labels().toString());

    static Tier tierOf(Alert alert) {
        return ((Firing) alert.state()).tier();
    }

    Tier tier() {
        return tierOf(members.getFirst());
    }

    Instant firedAt() {
        return members.stream()
                .map(alert -> ((Firing) alert.state()).firedAt())
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    boolean differsFrom(Situation told) {
        return tier() != told.tier() || !membersDigest().equals(told.membersDigest());
    }

    /** Of what is firing now, as far as it shows here; who took it on is told by itself. */
    Situation situation() {
        Alert lead = members.getFirst();
        return new Situation(
                origin.hostId(),
                target.group().rule(),
                tier(),
                target.group().labels(),
                LabelSet.of("host", origin.hostId()).plus(origin.labels()).plus(lead.labels()),
                cut(summary(lead), MAX_TEXT_CHARACTERS),
                cut(lead.description(), MAX_TEXT_CHARACTERS),
                lead.runbook(),
                firedAt(),
                members.stream().allMatch(Alert::stale),
                members.stream().limit(Situation.MAX_MEMBERS).map(Group::member).toList(),
                members.size(),
                membersDigest(),
                note,
                "");
    }

    private String summary(Alert lead) {
        return StormGuard.isOne(target)
                ? "Storm: " + members.size() + " alerts at once, most urgent "
                        + lead.key().rule() + " " + lead.summary()
                : lead.summary();
    }

    /** Whether the receiver does not know of one of the members. */
    boolean hasNewMember(Situation told) {
        Set<String> known = told.members().stream().map(Member::id).collect(Collectors.toSet());
        return told.memberCount() > known.size()
                ? !membersDigest().equals(told.membersDigest())
                : !members.stream().allMatch(alert -> known.contains(alert.id()));
    }

    private static Member member(Alert alert) {
        Stream<String> leaves = alert.why().stream().limit(MAX_WHY_LINES).map(WhyLine::of);
        Stream<String> gpus = GpuWindow.lines(alert.labels(), alert.gpus()).stream();
        List<String> why = Stream.concat(leaves, gpus)
                .map(line -> cut(line, MAX_LINE_CHARACTERS))
                .toList();
        return new Member(
                alert.id(),
                alert.key().labels(),
                tierOf(alert),
                cut(alert.value(), MAX_LINE_CHARACTERS),
                cut(alert.summary(), MAX_LINE_CHARACTERS),
                why);
    }

    /** The members' ids where they are few, else their number and hash: equal for equal sets. */
    private String membersDigest() {
        List<String> ids = members.stream().map(Alert::id).sorted().toList();
        return ids.size() <= 3
                ? ids.stream().collect(Collectors.joining(" "))
                : ids.size() + ":" + Integer.toHexString(ids.hashCode());
    }

    private static String cut(String text, int mostCharacters) {
        if (text.length() <= mostCharacters) {
            return text;
        }
        int end = mostCharacters - (Character.isHighSurrogate(text.charAt(mostCharacters - 2)) ? 2 : 1);
        return text.substring(0, end) + "…";
    }
}
