package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Beats;
import io.inferwatch.notifier.conversation.Orders;
import io.inferwatch.notifier.conversation.TickView;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.AlertTransition.Closed;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Ticks on their way from the tick thread. Those that come while one waits are merged into it, so it holds one state per
 * instance however long nobody takes it; only the history is cut at {@value #MAX_TRANSITIONS} transitions.
 */
final class Inbox {
    static final int MAX_TRANSITIONS = 10_000;

    private @Nullable TickResult newest;
    private final Map<AlertKey, StoredState> states = new LinkedHashMap<>();
    private final Set<AlertKey> forgotten = new LinkedHashSet<>();
    private final Map<AlertKey, String> ended = new HashMap<>();
    private final ArrayDeque<AlertTransition> transitions = new ArrayDeque<>();
    private long dropped;

    /** What was merged. */
    record Batch(
            TickView view, List<StoredState> states, List<AlertKey> forgotten, List<AlertTransition> transitions) {}

    synchronized void add(TickResult tick) {
        newest = tick;
        for (AlertKey key : tick.forgotten()) {
            states.remove(key);
            forgotten.add(key);
            ended.putIfAbsent(key, "forgotten");
        }
        for (StoredState state : tick.changed()) {
            forgotten.remove(state.key());
            states.put(state.key(), state);
        }
        for (AlertTransition transition : tick.transitions()) {
            if (transition instanceof Closed closed) {
                ended.put(closed.alert().key(), closed.reason());
            } else {
                ended.remove(transition.alert().key());
            }
            transitions.add(transition);
        }
        while (transitions.size() > MAX_TRANSITIONS) {
            transitions.remove();
            dropped++;
        }
    }

    synchronized Optional<Batch> take() {
        if (newest == null) {
            return Optional.empty();
        }
        Batch batch = new Batch(
                new TickView(newest.at(), newest.plan(), newest.alerts(), ended, Orders.NONE, Beats.NONE),
                new ArrayList<>(states.values()),
                new ArrayList<>(forgotten),
                new ArrayList<>(transitions));
        newest = null;
        states.clear();
        forgotten.clear();
        ended.clear();
        transitions.clear();
        return Optional.of(batch);
    }

    synchronized long dropped() {
        return dropped;
    }
}
