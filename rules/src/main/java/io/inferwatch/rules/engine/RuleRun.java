package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.GpuSignals;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One rule at work: its instances and their ticks. Used by the engine's thread alone. */
final class RuleRun {
    final Rule rule;
    final Map<LabelSet, Instance> instances = new LinkedHashMap<>();

    private final List<Signal> signals;
    private final List<Condition> refs;
    private final Optional<Duration> gpuWindow;
    private final TierPlan plan;
    private final Map<Rule.TierOverride, TierPlan> overridePlans = new HashMap<>();
    private final Set<String> neverMatched = new LinkedHashSet<>();
    private static final String LEFT = "its source left configuration or discovery";

    private final ExpectedInstances expected;
    private List<Alert> lastAlerts = List.of();
    private Set<LabelSet> lastPresent = Set.of();

    long refusedInstances;
    int errorsInARow;
    boolean everFailed;

    @Nullable String error;

    RuleRun(Rule rule, ExpectedInstances expected) {
        this.rule = rule;
        this.expected = expected;
        Map<String, Signal> byName = new LinkedHashMap<>();
        rule.conditions().flatMap(Condition::signals).forEach(signal -> byName.put(signal.name(), signal));
        this.signals = List.copyOf(byName.values());
        this.refs = rule.conditions()
                .flatMap(condition -> condition.leaves().stream())
                .filter(leaf -> leaf.referredRules().findAny().isPresent())
                .distinct()
                .toList();
        this.gpuWindow = GpuSignals.windowOf(rule);
        this.plan = TierPlan.of(rule.tiers());
        rule.overrides().forEach(override -> overridePlans.put(override, TierPlan.of(override.tiers())));
        byName.values().forEach(signal -> neverMatched.add(signal.name()));
    }

    Instance newInstance(LabelSet labels) {
        TierPlan own = plan;
        for (Rule.TierOverride override : rule.overrides()) {
            if (override.matches(labels)) {
                own = overridePlans.getOrDefault(override, plan);
                break;
            }
        }
        return new Instance(labels, own);
    }

    /** Moves over the instances the old form of this rule shares with this one. */
    void inherit(RuleRun old) {
        old.instances.values().removeIf(before -> {
            if (!mayHave(before.labels)) {
                return false;
            }
            Instance instance = newInstance(before.labels);
            instance.inherit(before);
            instances.put(before.labels, instance);
            return true;
        });
        everFailed = old.everFailed;
    }

    /**
     * As {@link #inherit}, of a rule by another name: what fires goes on as the alert it is.
     *
     * @return what is stored under that name and needs to be no more
     */
    List<AlertKey> adopt(RuleRun old) {
        List<AlertKey> stored = new ArrayList<>();
        old.instances.values().removeIf(before -> {
            if (!mayHave(before.labels)) {
                return false;
            }
            Instance instance = newInstance(before.labels);
            instance.inherit(before);
            instance.rename(old.rule.name());
            instances.put(before.labels, instance);
            stored.add(new AlertKey(old.rule.name(), before.labels));
            return true;
        });
        everFailed = old.everFailed;
        return stored;
    }

    /** Whether an instance with these labels can still come up. */
    boolean mayHave(LabelSet labels) {
        if (signals.isEmpty()) {
            return true;
        }
        Set<String> names = new TreeSet<>();
        signals.forEach(signal -> names.addAll(signal.by()));
        return names.containsAll(labels.names());
    }

    /** Whether it is there now: its series are, or it fires. What is only remembered is not counted. */
    boolean isThere(Instance instance) {
        return instance.told != null || lastPresent.contains(instance.labels);
    }

    List<String> neverMatched() {
        return List.copyOf(neverMatched);
    }

    /** One tick of this rule. An error leaves its alerts as they are and harms no other rule. */
    void tick(Instant t, SignalReadings readings, RuleStates rules, Grace grace, Outcome outcome) {
        try {
            Collection<LabelSet> present = present(readings, rules);
            lastPresent = present instanceof Set<LabelSet> set ? set : new LinkedHashSet<>(present);
            admit(present);
            advance(t, readings, rules, grace, outcome, present);
            error = null;
            errorsInARow = 0;
        } catch (RuntimeException e) {
            error = e.getClass().getSimpleName() + ": " + e.getMessage();
            errorsInARow++;
            everFailed = true;
        }
        outcome.alerts.addAll(lastAlerts);
    }

    private Collection<LabelSet> present(SignalReadings readings, RuleStates rules) {
        neverMatched.removeIf(name ->
                signals.stream().anyMatch(signal -> signal.name().equals(name) && readings.everMatched(signal)));
        if (signals.size() == 1) {
            return readings.of(signals.getFirst()).keySet();
        }
        List<LabelJoin.Axis> axes = new ArrayList<>();
        signals.forEach(signal ->
                axes.add(new LabelJoin.Axis(signal.by(), readings.of(signal).keySet())));
        if (signals.isEmpty()) {
            refs.forEach(ref -> axes.add(axis(ref, rules)));
        }
        return LabelJoin.instances(axes);
    }

    /** Another rule's instances are this one's; what counts them has one for each combination it counts by. */
    private static LabelJoin.Axis axis(Condition ref, RuleStates rules) {
        if (!(ref instanceof Condition.Instances counted)) {
            return axis(rules.instances(((Condition.RuleRef) ref).rule()));
        }
        if (counted.by().isEmpty()) {
            return new LabelJoin.Axis(Set.of(), List.of(LabelSet.EMPTY));
        }
        Set<LabelSet> keys = new LinkedHashSet<>();
        rules.instances(counted.rule()).forEach(labels -> keys.add(labels.only(counted.by())));
        return new LabelJoin.Axis(counted.by(), keys);
    }

    private static LabelJoin.Axis axis(Collection<LabelSet> keys) {
        Set<String> names = new TreeSet<>();
        keys.forEach(key -> names.addAll(key.names()));
        return new LabelJoin.Axis(names, keys);
    }

    private void admit(Collection<LabelSet> present) {
        refusedInstances = 0;
        List<LabelSet> unknown = new ArrayList<>();
        for (LabelSet labels : present) {
            if (!instances.containsKey(labels)) {
                unknown.add(labels);
            }
        }
        boolean someAreAbsent = instances.size() > present.size() - unknown.size();
        if (someAreAbsent) {
            instances.values().removeIf(instance -> !isWorthKeeping(instance) && !present.contains(instance.labels));
        }
        for (LabelSet labels : unknown) {
            if (instances.size() < rule.maxInstances()) {
                instances.put(labels, newInstance(labels));
            } else {
                refusedInstances++;
            }
        }
    }

    private void advance(
            Instant t,
            SignalReadings readings,
            RuleStates rules,
            Grace grace,
            Outcome outcome,
            Collection<LabelSet> present) {
        List<Alert> alerts = new ArrayList<>();
        List<Instance> gone = new ArrayList<>();
        for (Instance instance : instances.values()) {
            Instant episode = instance.episodeAt;
            Instant fired = instance.firedAt;
            boolean mayOpen = rule.grace().isEmpty()
                    || instance.told != null
                    || !grace.holds(rule.grace().get(), instance.labels, t);
            instance.advance(t, readings, rules, rule.noData(), mayOpen);
            boolean hasLeft = hasLeft(instance);
            boolean expired = hasLeft || isGivenUp(instance, t);
            boolean isGone = expired && !present.contains(instance.labels);
            if (expired) {
                instance.release();
            }
            AlertState state = instance.state(rule.noData());
            Optional<Alert> alert = state instanceof AlertState.Ok
                    ? Optional.empty()
                    : Optional.of(AlertWriter.write(rule, instance, state, t, gpus(instance, readings)));
            alert.ifPresent(alerts::add);
            tell(
                    instance,
                    alert.filter(a -> a.state() instanceof AlertState.Firing),
                    t,
                    outcome,
                    () -> remembered(instance, episode, fired, t),
                    hasLeft ? LEFT : reason(instance, t));
            if (isGone) {
                gone.add(instance);
            } else {
                store(instance, outcome);
            }
        }
        gone.forEach(instance -> {
            instances.remove(instance.labels);
            forget(instance, outcome);
        });
        lastAlerts = alerts;
    }

    /** What those of its server did; an alert about one GPU says itself what that one did. */
    private List<GpuWindow> gpus(Instance instance, SignalReadings readings) {
        return gpuWindow
                .filter(over -> instance.labels.get("gpu").isEmpty())
                .map(over -> GpuWindow.servingOf(instance.labels, readings.gpus(over)))
                .orElse(List.of());
    }

    /** As of the last tick; empty of an instance that neither fires nor is pending. */
    List<GpuWindow> gpus(Instance instance) {
        return lastAlerts.stream()
                .filter(alert -> alert.key().labels().equals(instance.labels))
                .findFirst()
                .map(Alert::gpus)
                .orElse(List.of());
    }

    private boolean isGivenUp(Instance instance, Instant t) {
        NoData noData = rule.noData();
        return instance.isExpired(t, noData)
                && (noData.policy() != NoData.Policy.ALERT
                        || !expected.isExpected(new AlertKey(rule.name(), instance.labels)));
    }

    /** Whether its silence is no news: its source is no longer asked. One that never was expected expires instead. */
    private boolean hasLeft(Instance instance) {
        if (instance.wasExpected && instance.noDataSince == null) {
            return false;
        }
        boolean isExpected = expected.isExpected(new AlertKey(rule.name(), instance.labels));
        instance.wasExpected |= isExpected;
        return !isExpected && instance.wasExpected && instance.noDataSince != null;
    }

    private static String reason(Instance instance, Instant t) {
        Instant since = instance.noDataSince;
        return since == null ? "cleared" : "no data for " + Durations.format(Duration.between(since, t));
    }

    /** The transition from what was told last to what is so now. */
    private static void tell(
            Instance instance,
            Optional<Alert> firing,
            Instant t,
            Outcome outcome,
            Supplier<Alert> remembered,
            String reason) {
        Tier before = instance.told;
        Tier now =
                firing.map(alert -> ((AlertState.Firing) alert.state()).tier()).orElse(null);
        if (before == null && now != null) {
            outcome.transitions.add(new AlertTransition.Opened(firing.orElseThrow(), t));
        } else if (before != null && now == null) {
            outcome.transitions.add(new AlertTransition.Closed(remembered.get(), reason, t));
        } else if (before != null && before != now) {
            outcome.transitions.add(new AlertTransition.TierChanged(firing.orElseThrow(), before, t));
        }
        instance.told = now;
        instance.lastFiring = firing.orElse(null);
        firing.filter(alert -> !alert.value().equals(AlertWriter.NO_DATA))
                .ifPresent(alert -> instance.lastWithValue = alert);
    }

    /** The alert as it was when it last fired; after a restart put together from what was stored. */
    private Alert remembered(Instance instance, @Nullable Instant episode, @Nullable Instant fired, Instant t) {
        if (instance.lastFiring != null) {
            return valued(instance.lastFiring, instance.lastWithValue);
        }
        Tier tier = instance.told == null ? Tier.P3 : instance.told;
        Instant firedAt = fired == null ? t : fired;
        Instant now = instance.episodeAt;
        instance.episodeAt = episode == null ? firedAt : episode;
        Alert alert = AlertWriter.write(rule, instance, new AlertState.Firing(tier, firedAt, firedAt), t, List.of());
        instance.episodeAt = now;
        return alert;
    }

    /** With the last value there was, where its data went missing before it closed. */
    private Alert valued(Alert last, @Nullable Alert withValue) {
        boolean isKnown = withValue != null
                && withValue.id().equals(last.id())
                && last.value().equals(AlertWriter.NO_DATA)
                && rule.noData().policy() != NoData.Policy.ALERT;
        return withValue == null || !isKnown
                ? last
                : new Alert(
                        last.key(),
                        last.id(),
                        last.state(),
                        last.stale(),
                        last.labels(),
                        withValue.summary(),
                        withValue.description(),
                        last.runbook(),
                        withValue.value(),
                        last.why(),
                        last.gpus());
    }

    /** Everything of this rule closes: it is no longer there. */
    void close(String reason, Instant t, Outcome outcome) {
        for (Instance instance : instances.values()) {
            if (instance.told != null) {
                Alert alert = remembered(instance, instance.episodeAt, instance.firedAt, t);
                outcome.transitions.add(new AlertTransition.Closed(alert, reason, t));
            }
            forget(instance, outcome);
        }
        instances.clear();
    }

    /** Whether an instance whose series are gone is still known; what is not is not stored either. */
    private boolean isWorthKeeping(Instance instance) {
        return !instance.isBlank()
                || instance.told != null
                || !instance.periods.isEmpty()
                || rule.noData().policy() == NoData.Policy.ALERT;
    }

    private void store(Instance instance, Outcome outcome) {
        String payload = isWorthKeeping(instance) ? StateCodec.encode(instance) : "";
        if (payload.equals(instance.stored)) {
            return;
        }
        if (payload.isEmpty()) {
            forget(instance, outcome);
        } else {
            instance.stored = payload;
            outcome.changed.add(new StoredState(new AlertKey(rule.name(), instance.labels), payload));
        }
    }

    private void forget(Instance instance, Outcome outcome) {
        if (!instance.stored.isEmpty()) {
            AlertKey key = new AlertKey(rule.name(), instance.labels);
            outcome.forgotten.add(key);
            instance.stored = "";
        }
    }
}
