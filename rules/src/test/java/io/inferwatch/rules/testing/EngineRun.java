package io.inferwatch.rules.testing;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.engine.SignalSource;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** An engine on a virtual clock, fed by signal name, that can be killed and started again from what it stored. */
public final class EngineRun implements SignalSource {
    public static final Instant START = Instant.parse("2026-01-05T12:00:00Z");

    private final RuleSet rules;
    private final Map<String, Map<LabelSet, Optional<Bracket>>> values = new HashMap<>();
    private final NavigableMap<Instant, Map<String, Map<LabelSet, Optional<Bracket>>>> past = new TreeMap<>();
    private Optional<Random> order = Optional.empty();
    private final Map<AlertKey, StoredState> stored = new LinkedHashMap<>();
    public final List<String> transitions = new ArrayList<>();
    public final List<AlertTransition> raw = new ArrayList<>();
    public RuleEngine engine;
    public Instant now = START.minusSeconds(5);
    public List<Alert> alerts = List.of();

    public EngineRun(String rules) {
        this.rules = RuleTexts.rules(rules);
        this.engine = new RuleEngine(this.rules, ExpectedInstances.ALL);
        remember();
    }

    /** Gives the engine all that it lacks of what this run has seen. */
    private void remember() {
        for (RuleEngine.PastWanted asked : engine.pastWanted(now.plus(rules.every()))) {
            Map<LabelSet, Map<Instant, Bracket>> points = new HashMap<>();
            for (Instant start = asked.from(); start.isBefore(asked.to()); start = start.plus(asked.width())) {
                Instant window = start;
                at(asked.signal(), start.plus(asked.width())).forEach(group -> {
                    if (group.sample() instanceof Sample.Present present) {
                        points.computeIfAbsent(group.labels(), made -> new HashMap<>())
                                .put(window, new Bracket(present.lo(), present.value(), present.hi()));
                    }
                });
            }
            engine.remember(asked, points);
        }
    }

    private List<GroupSample> at(Signal signal, Instant end) {
        Map.Entry<Instant, Map<String, Map<LabelSet, Optional<Bracket>>>> seen = past.lowerEntry(end);
        return seen == null ? List.of() : groups(signal, seen.getValue());
    }

    /** Groups come in an order of their own at each reading. */
    public EngineRun shuffled(Random random) {
        order = Optional.of(random);
        return this;
    }

    /** From now on the signal has this value; in its unit. */
    public EngineRun set(String signal, LabelSet labels, double value) {
        return set(signal, labels, Bracket.exact(value));
    }

    /** From now on the signal lies between these. */
    public EngineRun set(String signal, LabelSet labels, Bracket value) {
        values.computeIfAbsent(signal, s -> new LinkedHashMap<>()).put(labels, Optional.of(value));
        return this;
    }

    public EngineRun missing(String signal, LabelSet labels) {
        values.computeIfAbsent(signal, s -> new LinkedHashMap<>()).put(labels, Optional.empty());
        return this;
    }

    public EngineRun gone(String signal, LabelSet labels) {
        values.getOrDefault(signal, new HashMap<>()).remove(labels);
        return this;
    }

    /** One tick, a period after the last. */
    public TickResult tick() {
        now = now.plus(rules.every());
        Map<String, Map<LabelSet, Optional<Bracket>>> seen = new HashMap<>();
        values.forEach((signal, groups) -> seen.put(signal, Map.copyOf(groups)));
        past.put(now, seen);
        TickResult result = engine.tick(now, this);
        result.forgotten().forEach(stored::remove);
        result.changed().forEach(state -> stored.put(state.key(), state));
        result.transitions().forEach(transition -> {
            raw.add(transition);
            transitions.add(text(transition));
        });
        alerts = result.alerts();
        return result;
    }

    public EngineRun ticks(Duration time) {
        for (long i = time.dividedBy(rules.every()); i > 0; i--) {
            tick();
        }
        return this;
    }

    /** Killed at the last tick, started again after the gap. */
    public EngineRun restart(Duration gap) {
        engine = new RuleEngine(rules, ExpectedInstances.ALL);
        Instant stopped = now;
        now = now.plus(gap);
        if (!engine.restore(List.copyOf(stored.values()), stopped, now).isEmpty()) {
            throw new AssertionError("state was not read back");
        }
        remember();
        return this;
    }

    public Map<AlertKey, StoredState> stored() {
        return stored;
    }

    /** {@code ok}, {@code pending P1}, {@code firing P2}, with {@code stale} behind it. */
    public String state() {
        return alerts.stream().findFirst().map(EngineRun::text).orElse("ok");
    }

    public static String text(Alert alert) {
        String stale = alert.stale() ? " stale" : "";
        return switch (alert.state()) {
            case AlertState.Ok ok -> "ok";
            case AlertState.Pending pending -> "pending " + pending.tier() + stale;
            case AlertState.Firing firing -> "firing " + firing.tier() + stale;
        };
    }

    private String text(AlertTransition transition) {
        long seconds = Duration.between(START, transition.at()).toSeconds();
        return seconds + " "
                + switch (transition) {
                    case AlertTransition.Opened opened -> "opened " + text(opened.alert());
                    case AlertTransition.TierChanged changed -> changed.from() + " to " + text(changed.alert());
                    case AlertTransition.Closed closed -> "closed " + closed.reason();
                };
    }

    @Override
    public Optional<List<GroupSample>> read(Signal signal) {
        List<GroupSample> groups = groups(signal, values);
        order.ifPresent(random -> Collections.shuffle(groups, random));
        return signal instanceof Signal.Computed && groups.isEmpty() ? Optional.empty() : Optional.of(groups);
    }

    @Override
    public Optional<List<GroupSample>> readPast(Signal signal, Duration shift) {
        return Optional.of(at(signal, now.minus(shift)));
    }

    private static List<GroupSample> groups(Signal signal, Map<String, Map<LabelSet, Optional<Bracket>>> from) {
        List<GroupSample> groups = new ArrayList<>();
        from.getOrDefault(signal.name(), Map.of()).forEach((labels, value) -> {
            Sample sample = value.<Sample>map(
                            v -> new Sample.Present(v.estimate(), v.lo(), v.hi(), 10, new Provenance.Exact()))
                    .orElse(new Sample.Missing("no data"));
            groups.add(new GroupSample(labels, sample, Duration.ofMinutes(5)));
        });
        return groups;
    }

    @Override
    public boolean everMatched(Signal signal) {
        return values.containsKey(signal.name());
    }
}
