package io.inferwatch.notifier.channel;

import io.inferwatch.rules.Tier;
import java.time.Instant;
import java.util.List;

/** Something to tell a receiver; the case is the reason for telling. */
public sealed interface Notification {

    /** How the group stands, or stood when it last fired. */
    Situation situation();

    record Opened(Situation situation) implements Notification {}

    record TierChanged(Situation situation, Tier from) implements Notification {}

    /** Same tier, other instances. */
    record MembersChanged(Situation situation) implements Notification {}

    /** Nothing changed; it still fires. */
    record Repeated(Situation situation) implements Notification {}

    /** Somebody took it on; {@link Situation#ackedBy} says who. */
    record Acknowledged(Situation situation) implements Notification {}

    /** It comes and goes too often; {@link Situation#note} says what follows. */
    record Flapping(Situation situation) implements Notification {}

    /** @param reason {@code cleared}, or why it is no longer told here */
    record Closed(Situation situation, String reason, Instant at) implements Notification {}

    /**
     * A digest or a weekly report: nothing opens and nothing is to be closed.
     *
     * @param situation its summary is the title
     * @param lines one a fact, the most important first
     */
    record Report(Situation situation, List<String> lines) implements Notification {
        public Report {
            lines = List.copyOf(lines);
        }
    }
}
