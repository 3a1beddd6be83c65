package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Told;
import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/** One conversation at work. Belongs to the pipeline's thread. */
final class Lane {
    static final Comparator<Lane> MOST_URGENT_FIRST =
            Comparator.comparing(Lane::tier).thenComparing(Lane::since);

    Conversation conversation;

    /** Counts changes of the conversation. */
    long version;

    /** The version a transaction under way will have written. */
    long committingVersion;

    /** The newest version known to be written. */
    long committedVersion;

    /** Whether an attempt is under way. */
    boolean busy;

    /** Whether a tick came while it was busy, so that it must be looked at again. */
    boolean missedTick;

    /** When its receiver was last asked who acknowledged it, in rounds. */
    long askedInRound;

    /** Failed attempts in a row. */
    int failures;

    long firstFailureNanos;

    /** No attempt before this. */
    long notBeforeNanos;

    Lane(Conversation conversation, long nowNanos) {
        this.conversation = conversation;
        this.notBeforeNanos = nowNanos;
        this.firstFailureNanos = nowNanos;
    }

    boolean isCommitted() {
        return committedVersion == version;
    }

    boolean hasWork() {
        return conversation.owed().isPresent() || !conversation.superseded().isEmpty();
    }

    boolean isSending() {
        return conversation.owed().map(owed -> owed.sending()).orElse(false);
    }

    /** Whether somebody must hear of it although nothing can be stored: it is urgent, or about this sidecar itself. */
    boolean cannotWait() {
        Optional<Situation> about = conversation
                .owed()
                .map(owed -> owed.what().situation())
                .or(() -> conversation.superseded().stream().findFirst().map(Told::situation));
        return about.map(now -> now.tier() == Tier.P0
                        || now.tier() == Tier.P1
                        || now.rule().startsWith("sidecar_"))
                .orElse(false);
    }

    private Tier tier() {
        return conversation.owed().map(owed -> owed.what().situation().tier()).orElse(Tier.P3);
    }

    private Instant since() {
        return conversation.owed().map(owed -> owed.since()).orElse(Instant.MAX);
    }
}
