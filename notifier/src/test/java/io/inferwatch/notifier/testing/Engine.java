package io.inferwatch.notifier.testing;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rule engine that is told what fires, and remembers and restores it as the real one does. */
public final class Engine {
    private final Map<AlertKey, Fired> firing = new LinkedHashMap<>();

    private static final Pattern TOLD = Pattern.compile("\nfired (\\d+)\ntold (P\\d)");

    private record Fired(Tier tier, Instant at) {}

    public String summary = "TTFT p95 5.4 s on llama (limit 5 s) <!channel> P0";
    public String runbook = "https://runbooks.example/ttft";

    /** What each alert says of its leaves. */
    public List<LeafEvidence> why = List.of(new LeafEvidence(
            "ttft_p95",
            OptionalDouble.of(5400),
            "ms",
            ">",
            OptionalDouble.of(5000),
            Duration.ofMinutes(2),
            Optional.of(true),
            "",
            412,
            OptionalDouble.empty(),
            "▁▂▅▇"));

    public static AlertKey key(String rule, String... labels) {
        return new AlertKey(rule, LabelSet.of(labels));
    }

    /** Whether it takes up what receivers were told and it has no state of, as the real one does. */
    public boolean takesWhatWasTold;

    /** Takes up what it wrote itself, and of the real one's form what it is asked to. */
    public void restore(List<StoredState> states) {
        firing.clear();
        for (StoredState state : states) {
            Matcher told = TOLD.matcher(state.payload());
            if (takesWhatWasTold && told.find()) {
                Instant fired = Instant.ofEpochMilli(Long.parseLong(told.group(1)));
                firing.put(state.key(), new Fired(Tier.valueOf(told.group(2)), fired));
                continue;
            }
            if (!state.payload().startsWith("P")) {
                continue;
            }
            String[] parts = state.payload().split(" ");
            firing.put(state.key(), new Fired(Tier.valueOf(parts[0]), Instant.parse(parts[1])));
        }
    }

    /** @param now what fires from here on */
    public TickResult tick(Instant at, NotificationPlan plan, Map<AlertKey, Tier> now) {
        List<AlertTransition> transitions = new ArrayList<>();
        List<StoredState> changed = new ArrayList<>();
        List<AlertKey> forgotten = new ArrayList<>();
        for (AlertKey key : List.copyOf(firing.keySet())) {
            if (!now.containsKey(key)) {
                transitions.add(new AlertTransition.Closed(alert(key), "cleared", at));
                firing.remove(key);
                forgotten.add(key);
            }
        }
        now.forEach((key, tier) -> {
            Fired before = firing.get(key);
            if (before == null || before.tier() != tier) {
                Instant since = before == null ? at : before.at();
                firing.put(key, new Fired(tier, since));
                changed.add(new StoredState(key, tier + " " + since));
                transitions.add(
                        before == null
                                ? new AlertTransition.Opened(alert(key), at)
                                : new AlertTransition.TierChanged(alert(key), before.tier(), at));
            }
        });
        List<Alert> alerts = firing.keySet().stream().map(this::alert).toList();
        return new TickResult(at, plan, alerts, transitions, changed, forgotten);
    }

    /** The id of what fires under this key. */
    public String id(AlertKey key) {
        return key.rule()
                + key.labels()
                + java.util.Objects.requireNonNull(firing.get(key)).at();
    }

    private Alert alert(AlertKey key) {
        Fired fired = java.util.Objects.requireNonNull(firing.get(key));
        return new Alert(
                key,
                id(key),
                new AlertState.Firing(fired.tier(), fired.at(), fired.at()),
                false,
                key.labels().plus(LabelSet.of("team", "inference")),
                summary,
                "Users wait. @here <@U123>",
                Optional.of(runbook),
                "5400 ms",
                why);
    }
}
