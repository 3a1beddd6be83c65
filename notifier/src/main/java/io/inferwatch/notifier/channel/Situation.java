package io.inferwatch.notifier.channel;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How one group of alerts stands: all a message about it may say. What authors wrote and label values are untrusted text
 * to every channel.
 *
 * @param tier the most urgent of its members
 * @param group the labels that make the group
 * @param labels of the most urgent member, its rule and this sidecar
 * @param firedAt when its first member opened
 * @param stale whether the data of every member stopped coming
 * @param members the most urgent first, at most {@link #MAX_MEMBERS}
 * @param memberCount how many there are in all
 * @param membersDigest changes when the set of members does
 * @param note why it is told here, where that is not its route, or told so; empty otherwise
 * @param ackedBy who took it on; empty while nobody did
 */
public record Situation(
        String host,
        String rule,
        Tier tier,
        LabelSet group,
        LabelSet labels,
        String summary,
        String description,
        Optional<String> runbook,
        Instant firedAt,
        boolean stale,
        List<Member> members,
        int memberCount,
        String membersDigest,
        String note,
        String ackedBy) {
    public static final int MAX_MEMBERS = 20;

    public Situation {
        members = List.copyOf(members);
    }

    /** One firing instance; {@code why} holds a line per leaf, then one per GPU of its server. */
    public record Member(String id, LabelSet labels, Tier tier, String value, String summary, List<String> why) {
        public Member {
            why = List.copyOf(why);
        }
    }

    /** The member the message is about. */
    public Member lead() {
        return members.getFirst();
    }

    /** What to call it: the rendered summary, or rule and labels where the rule has none. */
    public String title() {
        return summary.isBlank() ? rule + " " + group : summary;
    }

    /** Whether a receiver that knows {@code told} would learn something: another tier or other members. */
    public boolean differsFrom(Situation told) {
        return tier != told.tier || !membersDigest.equals(told.membersDigest);
    }

    public Situation withNote(String newNote) {
        return with(newNote, ackedBy);
    }

    public Situation withAckedBy(String by) {
        return with(note, by);
    }

    private Situation with(String newNote, String by) {
        return new Situation(
                host,
                rule,
                tier,
                group,
                labels,
                summary,
                description,
                runbook,
                firedAt,
                stale,
                members,
                memberCount,
                membersDigest,
                newNote,
                by);
    }
}
