package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.notifier.conversation.OrderText;
import io.inferwatch.notifier.conversation.Orders;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What operators order while the sidecar runs: silences and acknowledgements, and what is noted of each alert. In force
 * at once, written with the next transaction. Guarded by the pipeline.
 */
final class OperatorDesk {
    static final int MAX_SILENCES = 1_000;

    /** How long one that is over is still listed. */
    private static final Duration LISTED = Duration.ofDays(1);

    private final Ledger ledger;
    private final Map<String, Silence> silences = new LinkedHashMap<>();
    private final Map<String, Ack> acks = new LinkedHashMap<>();
    private final Map<String, AlertNote> notes = new LinkedHashMap<>();

    OperatorDesk(Ledger ledger) {
        this.ledger = ledger;
    }

    void restore(Orders stored) {
        stored.silences().forEach(silence -> silences.put(silence.id(), silence));
        acks.putAll(stored.acks());
    }

    Orders orders() {
        return new Orders(List.copyOf(silences.values()), acks);
    }

    /** @throws IllegalStateException when there are too many */
    Silence silence(String id, AlertMatch match, Instant from, Instant until, String by, String why, Instant now) {
        forgetOver(now);
        if (silences.size() >= MAX_SILENCES) {
            throw new IllegalStateException("there are " + MAX_SILENCES + " silences already; expire some first");
        }
        Silence silence = new Silence(id, match, from, until, by, why);
        silences.put(id, silence);
        ledger.order("silence " + id, Optional.of(OrderText.write(silence)));
        return silence;
    }

    boolean expire(String id) {
        if (silences.remove(id) == null) {
            return false;
        }
        ledger.order("silence " + id, Optional.empty());
        return true;
    }

    List<Silence> silences(Instant now) {
        forgetOver(now);
        return List.copyOf(silences.values());
    }

    private void forgetOver(Instant now) {
        List<String> over = silences.values().stream()
                .filter(silence -> silence.until().plus(LISTED).isBefore(now))
                .map(Silence::id)
                .toList();
        over.forEach(this::expire);
    }

    Ack acknowledge(Alert alert, String by, Instant now) {
        Tier tier = switch (alert.state()) {
            case AlertState.Ok ok -> Tier.P3;
            case AlertState.Pending pending -> pending.tier();
            case AlertState.Firing firing -> firing.tier();
        };
        Ack ack = new Ack(by, now, tier);
        acks.put(alert.id(), ack);
        ledger.order("ack " + alert.id(), Optional.of(OrderText.write(ack)));
        AlertNote before = notes.getOrDefault(alert.id(), new AlertNote(now, "", Optional.empty()));
        put(alert.id(), new AlertNote(now, before.mutedBy(), Optional.of(ack)));
        return ack;
    }

    /** After a decision: what is over is forgotten, and who is not told why is noted. */
    void follow(Collection<Alert> alerts, Map<String, String> mutedBy, Instant now) {
        mutedBy.forEach((id, by) -> {
            AlertNote before = notes.get(id);
            if (before == null || before.mutedBy().isEmpty()) {
                put(id, new AlertNote(now, by, before == null ? Optional.ofNullable(acks.get(id)) : before.ack()));
            }
        });
        Set<String> alive = alerts.stream().map(Alert::id).collect(Collectors.toSet());
        notes.keySet().retainAll(alive);
        List<String> over = new ArrayList<>(acks.keySet())
                .stream().filter(id -> !alive.contains(id)).toList();
        for (String id : over) {
            acks.remove(id);
            ledger.order("ack " + id, Optional.empty());
        }
    }

    private void put(String alertId, AlertNote note) {
        notes.put(alertId, note);
        ledger.note(alertId, note);
    }
}
