package io.inferwatch.api.app;

import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.book.Backtest;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Counts a replay's alerts by rule and by the most urgent tier each came to. One thread. */
final class ReplayCount implements Backtest.Listener {
    private final Map<AlertKey, Tier> open = new HashMap<>();
    private final Map<String, Map<Tier, Integer>> closed = new HashMap<>();

    @Override
    public void onTick(TickResult result) {
        for (AlertTransition transition : result.transitions()) {
            AlertKey key = transition.alert().key();
            switch (transition) {
                case AlertTransition.Opened opened -> rise(key, opened.alert());
                case AlertTransition.TierChanged changed -> rise(key, changed.alert());
                case AlertTransition.Closed gone -> {
                    Tier highest = open.remove(key);
                    if (highest != null) {
                        add(closed, key.rule(), highest);
                    }
                }
            }
        }
    }

    private void rise(AlertKey key, Alert alert) {
        if (alert.state() instanceof AlertState.Firing firing) {
            open.merge(key, firing.tier(), (a, b) -> a.isMoreUrgentThan(b) ? a : b);
        }
    }

    private static void add(Map<String, Map<Tier, Integer>> counts, String rule, Tier tier) {
        counts.computeIfAbsent(rule, made -> new EnumMap<>(Tier.class)).merge(tier, 1, Integer::sum);
    }

    @Override
    public void onUnknown(Rule rule, Instant at, Duration length) {
        // Unknown under both sets alike is no difference between them.
    }

    /** By rule and tier, with those that are still open. */
    Map<String, Map<Tier, Integer>> counts() {
        Map<String, Map<Tier, Integer>> all = new HashMap<>();
        closed.forEach((rule, tiers) -> all.put(rule, new EnumMap<>(tiers)));
        open.forEach((key, tier) -> add(all, key.rule(), tier));
        return all;
    }
}
