package io.inferwatch.notifier.conversation;

import io.inferwatch.rules.NotificationPlan.FlapGuard;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the flap guard and the storm guard remember of one group at one receiver.
 *
 * @param changes when it was last told of an opening, a change of tier or a close, oldest first, at most {@link #MAX_CHANGES}
 * @param lastSeen how the group stood when it last changed while it flapped
 * @param lastChangeAt when that was; present while it flaps
 * @param sweptAt when it became part of a storm and is not told by itself; absent otherwise
 */
record Guard(List<Instant> changes, String lastSeen, Optional<Instant> lastChangeAt, Optional<Instant> sweptAt) {
    static final int MAX_CHANGES = 100;
    static final Guard NONE = new Guard(List.of(), "", Optional.empty(), Optional.empty());

    Guard {
        changes = List.copyOf(changes);
    }

    boolean isFlapping() {
        return lastChangeAt.isPresent();
    }

    boolean isSwept() {
        return sweptAt.isPresent();
    }

    Guard changedAt(Instant at) {
        List<Instant> newer = new ArrayList<>(changes);
        newer.add(at);
        return new Guard(
                newer.size() > MAX_CHANGES ? newer.subList(1, newer.size()) : newer, lastSeen, lastChangeAt, sweptAt);
    }

    /** Whether one more change would be too many. */
    boolean isExhausted(FlapGuard limits, Instant now) {
        Instant since = now.minus(limits.within());
        return changes.stream().filter(at -> at.isAfter(since)).count() >= limits.changes();
    }

    Guard flapping(String seen, Instant at) {
        return new Guard(changes, seen, Optional.of(at), sweptAt);
    }

    Guard calm() {
        return new Guard(List.of(), "", Optional.empty(), sweptAt);
    }

    Guard swept(Optional<Instant> at) {
        return new Guard(changes, lastSeen, lastChangeAt, at);
    }

    Fields write() {
        Fields fields = new Fields()
                .put("last_seen", lastSeen)
                .put("last_change_at", lastChangeAt.map(Instant::toString))
                .put("swept_at", sweptAt.map(Instant::toString));
        changes.forEach(at -> fields.put("change", at.toString()));
        return fields;
    }

    static Guard read(Fields fields) {
        return new Guard(
                fields.all("change").stream().map(Instant::parse).toList(),
                fields.get("last_seen"),
                fields.find("last_change_at").map(Instant::parse),
                fields.find("swept_at").map(Instant::parse));
    }
}
