package io.inferwatch.notifier.conversation;

import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import java.time.Instant;
import java.util.Optional;

/**
 * What a receiver is still to be told; the one outbox row of its target.
 *
 * @param key under which it will be told
 * @param thenClose the close that must follow because the group cleared before its open was delivered
 * @param since when it was first decided
 * @param attempts how many ended without success
 * @param sending whether an attempt may be under way; written before the attempt is made
 * @param mayHaveArrived whether an earlier attempt ended without an answer
 */
public record Owed(
        Notification what,
        String key,
        Optional<Closed> thenClose,
        Instant since,
        int attempts,
        boolean sending,
        boolean mayHaveArrived) {

    static Owed of(Notification what, String key, Instant now) {
        return new Owed(what, key, Optional.empty(), now, 0, false, false);
    }

    /** Whether the receiver may know of it already, or is about to. */
    boolean isInDoubt() {
        return sending || mayHaveArrived;
    }

    Owed saying(Notification newer) {
        return new Owed(newer, key, Optional.empty(), since, attempts, sending, mayHaveArrived);
    }

    Owed thenClosing(Closed close) {
        return new Owed(what, key, Optional.of(close), since, attempts, sending, mayHaveArrived);
    }

    Owed attempted() {
        return new Owed(what, key, thenClose, since, attempts, true, mayHaveArrived);
    }

    Owed failed(boolean arrivedPerhaps) {
        return new Owed(what, key, thenClose, since, attempts + 1, false, mayHaveArrived || arrivedPerhaps);
    }

    /** After a restart: an attempt that was under way may have arrived. */
    Owed afterRestart() {
        return new Owed(what, key, thenClose, since, attempts, false, isInDoubt());
    }
}
