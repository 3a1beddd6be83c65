package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.StoredState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All conversations, and what of them and of the engine's state the database lacks. While the database is away this
 * grows with the instances there are, not with time. Belongs to the pipeline's thread.
 */
final class Ledger {
    /** Delivery records and transitions that wait for the database; the oldest go first. */
    static final int MAX_WAITING_RECORDS = 10_000;

    private final Map<Target, Lane> lanes = new LinkedHashMap<>();
    private final Map<Target, Conversation> conversations = new LinkedHashMap<>();
    private final Set<Target> working = new LinkedHashSet<>();

    private final Set<Target> changed = new LinkedHashSet<>();
    private final Set<Target> dropped = new LinkedHashSet<>();
    private final Map<AlertKey, StoredState> states = new LinkedHashMap<>();
    private final Set<AlertKey> forgotten = new LinkedHashSet<>();
    private final ArrayDeque<AlertTransition> history = new ArrayDeque<>();
    private final ArrayDeque<DeliveryRecord> attempts = new ArrayDeque<>();
    private final Map<String, Optional<String>> orders = new LinkedHashMap<>();
    private final Map<String, AlertNote> notes = new LinkedHashMap<>();
    private @Nullable Changes underWay;
    private long historyDropped;

    Map<Target, Conversation> conversations() {
        return conversations;
    }

    Lane lane(Target target) {
        return java.util.Objects.requireNonNull(lanes.get(target));
    }

    Collection<Lane> lanes() {
        return lanes.values();
    }

    /** Lanes that are owed something or have keys to close. */
    List<Lane> working() {
        List<Lane> found = new ArrayList<>(working.size());
        working.forEach(target -> found.add(lane(target)));
        return found;
    }

    /** The conversation, where the database has it as it is. */
    Optional<Conversation> committed(Target target) {
        return Optional.ofNullable(lanes.get(target)).filter(Lane::isCommitted).map(lane -> lane.conversation);
    }

    boolean isKnown(Target target) {
        return lanes.containsKey(target);
    }

    /** Takes up what the database holds. */
    void restore(Conversation conversation, long nowNanos) {
        lanes.put(conversation.target(), new Lane(conversation, nowNanos));
        index(conversation);
    }

    void put(Conversation conversation, long nowNanos) {
        Target target = conversation.target();
        Lane lane = lanes.computeIfAbsent(target, t -> new Lane(conversation, nowNanos));
        lane.conversation = conversation;
        lane.version++;
        changed.add(target);
        dropped.remove(target);
        index(conversation);
    }

    void drop(Target target) {
        lanes.remove(target);
        conversations.remove(target);
        working.remove(target);
        changed.remove(target);
        dropped.add(target);
    }

    private void index(Conversation conversation) {
        conversations.put(conversation.target(), conversation);
        if (lane(conversation.target()).hasWork()) {
            working.add(conversation.target());
        } else {
            working.remove(conversation.target());
        }
    }

    void add(Inbox.Batch batch) {
        for (AlertKey key : batch.forgotten()) {
            states.remove(key);
            forgotten.add(key);
        }
        for (StoredState state : batch.states()) {
            forgotten.remove(state.key());
            states.put(state.key(), state);
        }
        history.addAll(batch.transitions());
        while (history.size() > MAX_WAITING_RECORDS) {
            history.remove();
            historyDropped++;
        }
    }

    void add(DeliveryRecord attempt) {
        attempts.add(attempt);
        if (attempts.size() > MAX_WAITING_RECORDS) {
            attempts.remove();
        }
    }

    /** What an operator ordered, as text; empty when it is over. */
    void order(String name, Optional<String> text) {
        orders.put(name, text);
    }

    void note(String alertId, AlertNote note) {
        notes.put(alertId, note);
        while (notes.size() > MAX_WAITING_RECORDS) {
            notes.remove(notes.keySet().iterator().next());
        }
    }

    boolean isWriting() {
        return underWay != null;
    }

    boolean hasChanges() {
        return !(changed.isEmpty()
                && dropped.isEmpty()
                && states.isEmpty()
                && forgotten.isEmpty()
                && history.isEmpty()
                && attempts.isEmpty()
                && orders.isEmpty()
                && notes.isEmpty());
    }

    /** All that the database lacks, as one transaction; one at a time. */
    Changes beginWrite(Optional<Instant> pruneBefore) {
        List<Conversation> newest = new ArrayList<>(changed.size());
        for (Target target : changed) {
            Lane lane = lane(target);
            lane.committingVersion = lane.version;
            newest.add(lane.conversation);
        }
        Changes changes = new Changes(
                List.copyOf(states.values()),
                List.copyOf(forgotten),
                newest,
                List.copyOf(dropped),
                List.copyOf(history),
                List.copyOf(attempts),
                orders,
                notes,
                pruneBefore);
        changed.clear();
        dropped.clear();
        states.clear();
        forgotten.clear();
        history.clear();
        attempts.clear();
        orders.clear();
        notes.clear();
        underWay = changes;
        return changes;
    }

    void written() {
        for (Conversation conversation :
                java.util.Objects.requireNonNull(underWay).conversations()) {
            Lane lane = lanes.get(conversation.target());
            if (lane != null) {
                lane.committedVersion = lane.committingVersion;
            }
        }
        underWay = null;
    }

    /** Puts back what was not written, behind anything newer. */
    void notWritten() {
        Changes failed = java.util.Objects.requireNonNull(underWay);
        underWay = null;
        failed.conversations().stream()
                .map(Conversation::target)
                .filter(lanes::containsKey)
                .forEach(changed::add);
        failed.dropped().stream().filter(target -> !lanes.containsKey(target)).forEach(dropped::add);
        failed.forgotten().stream().filter(key -> !states.containsKey(key)).forEach(forgotten::add);
        Map<AlertKey, StoredState> older = new HashMap<>();
        failed.states().forEach(state -> older.put(state.key(), state));
        older.keySet().removeAll(forgotten);
        older.forEach(states::putIfAbsent);
        List<AlertTransition> newerHistory = List.copyOf(history);
        history.clear();
        history.addAll(failed.history());
        history.addAll(newerHistory);
        failed.attempts().forEach(attempts::add);
        failed.orders().forEach(orders::putIfAbsent);
        failed.notes().forEach(notes::putIfAbsent);
        trim();
    }

    private void trim() {
        while (history.size() > MAX_WAITING_RECORDS) {
            history.remove();
            historyDropped++;
        }
        while (attempts.size() > MAX_WAITING_RECORDS) {
            attempts.remove();
        }
    }

    long historyDropped() {
        return historyDropped;
    }
}
