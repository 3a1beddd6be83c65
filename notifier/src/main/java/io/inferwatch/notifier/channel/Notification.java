package io.inferwatch.notifier.channel;

import io.inferwatch.rules.Tier;
import java.time.Instant;

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

    /** @param reason {@code cleared}, or why it is no longer told here */
    record Closed(Situation situation, String reason, Instant at) implements Notification {}
}
