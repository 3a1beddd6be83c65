package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.MetricView;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Condition.Instances;
import io.inferwatch.rules.Condition.RuleRef;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates a rule set tick by tick. A pure function of its state, the time and the data it is given: no clock, no
 * thread, no log, no I/O. One thread ticks; {@link #snapshot}, {@link #alerts} and {@link #use} may be called by any.
 */
public final class RuleEngine {
    /** After a longer gap what was stored is no longer taken as it was. */
    public static final Duration LONGEST_TRUSTED_GAP = Duration.ofHours(1);

    private final ExpectedInstances expected;
    private final DeployMarks deploys;
    private final Map<String, PointHistory> histories = new HashMap<>();
    private final Map<String, RuleRun> runs = new LinkedHashMap<>();
    private final List<RuleRun> removed = new ArrayList<>();
    private final List<AlertKey> notMore = new ArrayList<>();
    private RuleSet rules;
    private List<Alert> alerts = List.of();
    private @Nullable Instant last;
    private @Nullable Instant startedAt;

    /**
     * A stretch of the past the engine lacks to compare with.
     *
     * @param width of the windows, which are aligned to it
     * @param from the start of the first window
     * @param to the end of the last one
     */
    public record PastWanted(Signal signal, Duration width, Instant from, Instant to) {}

    /** An engine that knows of no deploys. */
    public RuleEngine(RuleSet rules, ExpectedInstances expected) {
        this(rules, expected, DeployMarks.NONE);
    }

    public RuleEngine(RuleSet rules, ExpectedInstances expected, DeployMarks deploys) {
        this.rules = rules;
        this.expected = expected;
        this.deploys = deploys;
        runs.putAll(runsOf(rules));
        keepHistories(rules);
    }

    /** A history for each signal that is compared with its past; what is known of it already stays known. */
    private void keepHistories(RuleSet set) {
        Map<String, Duration> reaches = new HashMap<>();
        Map<String, Signal> signals = new HashMap<>();
        set.rules().stream()
                .flatMap(Rule::conditions)
                .flatMap(Condition::baselines)
                .forEach(baseline -> {
                    String name = baseline.signal().name();
                    signals.put(name, baseline.signal());
                    Duration reach = baseline.comparison().reach();
                    reaches.merge(name, reach, (a, b) -> a.compareTo(b) < 0 ? b : a);
                });
        histories.keySet().retainAll(signals.keySet());
        signals.forEach((name, signal) -> {
            PointHistory made = new PointHistory(signal, reaches.getOrDefault(name, Duration.ZERO));
            PointHistory old = histories.get(name);
            if (old != null && old.signal().equals(signal)) {
                made.inherit(old);
            }
            histories.put(name, made);
        });
    }

    /**
     * The past that signals are compared with and the engine has not seen: after a start, a reload, a pause. Until it is
     * {@linkplain #remember given}, what is compared is UNKNOWN. Any thread.
     */
    public synchronized List<PastWanted> pastWanted(Instant now) {
        return histories.values().stream()
                .flatMap(history -> history.wanted(now).stream())
                .toList();
    }

    /**
     * Gives the engine the past it asked for.
     *
     * @param past by group the value of each window that has one, by its start; bounds where it is known by buckets alone
     */
    public synchronized void remember(PastWanted asked, Map<LabelSet, Map<Instant, Bracket>> past) {
        PointHistory history = histories.get(asked.signal().name());
        if (history != null && history.signal().equals(asked.signal())) {
            history.remember(asked.to(), past);
        }
    }

    /**
     * Somebody said of a firing alert: this is how things are now. What was measured since it began counts as normal.
     *
     * @return whether there is such an alert, of a rule that compares with the past
     */
    public synchronized boolean acceptAsNormal(AlertKey key) {
        RuleRun run = runs.get(key.rule());
        Instance instance = run == null ? null : run.instances.get(key.labels());
        boolean isThere = instance != null && !instance.periods.isEmpty();
        if (instance != null && isThere) {
            instance.periods.accept();
        }
        return isThere;
    }

    private Map<String, RuleRun> runsOf(RuleSet set) {
        Map<String, RuleRun> made = new LinkedHashMap<>();
        set.rules().forEach(rule -> made.put(rule.name(), new RuleRun(rule, expected)));
        OwnRules.all().forEach(rule -> made.put(rule.name(), new RuleRun(rule, expected)));
        return made;
    }

    /**
     * Takes back what {@link TickResult#changed} handed out before the process ended. Call before the first tick. The
     * time in between counts towards no missing data. After more than {@link #LONGEST_TRUSTED_GAP} pending ends, and
     * what fired stays as it was told until its condition is known.
     *
     * @param stoppedAt the last moment the engine is known to have ticked
     * @param now the present
     * @return the instances whose stored state could not be read, with the reason; they begin anew
     */
    public synchronized List<String> restore(Collection<StoredState> states, Instant stoppedAt, Instant now) {
        Duration gap = stoppedAt.isBefore(now) ? Duration.between(stoppedAt, now) : Duration.ZERO;
        List<String> faults = new ArrayList<>();
        Map<String, RuleRun> orphans = new LinkedHashMap<>();
        for (StoredState state : states) {
            AlertKey key = state.key();
            RuleRun named = runs.get(key.rule());
            RuleRun run = named != null ? named : heirOf(runs, key.rule());
            boolean isOrphan = run == null || !run.mayHave(key.labels());
            RuleRun home = run != null && !isOrphan ? run : orphans.computeIfAbsent(key.rule(), this::goneRule);
            if (named == null && !isOrphan && home.instances.containsKey(key.labels())) {
                continue;
            }
            Instance instance = home.newInstance(key.labels());
            try {
                StateCodec.decode(state.payload(), instance);
                instance.stored = state.payload();
                if (named == null && !isOrphan) {
                    instance.rename(key.rule());
                    notMore.add(key);
                }
                instance.excuse(gap);
                if (gap.compareTo(LONGEST_TRUSTED_GAP) > 0) {
                    instance.distrust();
                }
                home.instances.put(key.labels(), instance);
            } catch (IllegalArgumentException e) {
                faults.add(key.rule() + " " + key.labels() + ": " + e.getMessage());
                notMore.add(key);
            }
        }
        removed.addAll(orphans.values());
        return faults;
    }

    /**
     * State for an instance that receivers were told of and whose own state is lost: it fires as it was told until its
     * condition is known, and closes at once where that is FALSE.
     */
    public static StoredState toldState(AlertKey key, Tier tier, Instant firedAt) {
        return new StoredState(key, StateCodec.told(tier, firedAt));
    }

    /** The tier a stored state was last told at; empty where it fires not, or cannot be understood. */
    public static Optional<Tier> toldTier(StoredState state) {
        return StateCodec.toldTier(state.payload());
    }

    /** A stand-in for a rule that is no longer there, to close what it left open. */
    private RuleRun goneRule(String name) {
        Rule any = OwnRules.all().getFirst();
        return new RuleRun(
                new Rule(
                        name,
                        any.position(),
                        any.tiers(),
                        List.of(),
                        any.noData(),
                        any.maxInstances(),
                        new Rule.Texts(
                                Optional.of(name + " is no longer among the rules"),
                                Optional.empty(),
                                Optional.empty(),
                                Map.of())),
                expected);
    }

    /** From the next tick on these rules are in force. State is carried by rule name and instance labels. */
    public synchronized void use(RuleSet next) {
        if (next.equals(rules)) {
            return;
        }
        Map<String, RuleRun> made = runsOf(next);
        for (RuleRun old : runs.values()) {
            RuleRun heir = made.get(old.rule.name());
            if (heir != null) {
                heir.inherit(old);
            } else {
                RuleRun renamed = heirOf(made, old.rule.name());
                if (renamed != null) {
                    notMore.addAll(renamed.adopt(old));
                }
            }
            if (!old.instances.isEmpty()) {
                removed.add(old);
            }
        }
        runs.clear();
        runs.putAll(made);
        rules = next;
        keepHistories(next);
    }

    /** The rule that was called so before. */
    private static @Nullable RuleRun heirOf(Map<String, RuleRun> runs, String name) {
        return runs.values().stream()
                .filter(run -> run.rule.was().filter(name::equals).isPresent())
                .findFirst()
                .orElse(null);
    }

    /** The rules in force. */
    public synchronized RuleSet rules() {
        return rules;
    }

    /** @param t the aligned moment of the tick; the view is cut for it */
    public TickResult tick(Instant t, MetricView view) {
        return tick(t, new ViewSignals(view));
    }

    /** As above, with the signals from anywhere: the inline tests feed them by name. */
    public synchronized TickResult tick(Instant t, SignalSource source) {
        Instant now = last != null && t.isBefore(last) ? last : t;
        excusePause(now);
        last = now;
        Instant started = startedAt == null ? now : startedAt;
        startedAt = started;
        Outcome outcome = new Outcome();
        removed.forEach(run -> run.close("the rule is gone", now, outcome));
        removed.clear();
        outcome.forgotten.addAll(notMore);
        notMore.clear();
        SignalReadings readings = new SignalReadings(new OwnRules.Source(source, runs), histories);
        States states = new States(runs);
        Grace grace = new Grace(started, deploys);
        runs.values().forEach(run -> run.tick(now, readings, states, grace, outcome));
        alerts = List.copyOf(outcome.alerts);
        return outcome.at(now, rules.plan());
    }

    /** Time in which nothing ticked (a suspended host) is no missing data. */
    private void excusePause(Instant now) {
        if (last == null) {
            return;
        }
        Duration pause = Duration.between(last, now).minus(rules.every());
        Duration tolerated = rules.every().multipliedBy(2).plusSeconds(10);
        if (pause.compareTo(tolerated) > 0) {
            runs.values().forEach(run -> run.instances.values().forEach(instance -> instance.excuse(pause)));
        }
    }

    /** Every pending and firing instance as of the last tick. */
    public synchronized List<Alert> alerts() {
        return alerts;
    }

    /** Every rule with its instances, states and reasons as of the last tick. */
    public synchronized EngineSnapshot snapshot() {
        Instant at = last;
        List<EngineSnapshot.RuleStatus> statuses = new ArrayList<>();
        for (RuleRun run : runs.values()) {
            if (!OwnRules.NAMES.contains(run.rule.name())) {
                statuses.add(status(run, at == null ? Instant.EPOCH : at));
            }
        }
        return new EngineSnapshot(Optional.ofNullable(at), statuses);
    }

    private static EngineSnapshot.RuleStatus status(RuleRun run, Instant at) {
        List<EngineSnapshot.InstanceStatus> instances = run.instances.values().stream()
                .map(instance -> new EngineSnapshot.InstanceStatus(
                        instance.labels,
                        instance.state(run.rule.noData()),
                        instance.isStale(at, run.rule.noData()),
                        instance.verdicts(at),
                        instance.why(at, run.rule.noData()),
                        run.gpus(instance)))
                .toList();
        return new EngineSnapshot.RuleStatus(
                run.rule, Optional.ofNullable(run.error), run.refusedInstances, run.neverMatched(), instances);
    }

    /** How each rule stands, as others may ask. */
    private record States(Map<String, RuleRun> runs) implements RuleStates {

        @Override
        public Truth holds(RuleRef ref, LabelSet labels) {
            RuleRun other = runs.get(ref.rule());
            if (other == null || other.error != null) {
                return Truth.UNKNOWN;
            }
            for (Instance instance : other.instances.values()) {
                Optional<Tier> tier = instance.firingTier(other.rule.noData());
                boolean isAtTier = tier.isPresent() && !ref.tier().isMoreUrgentThan(tier.get());
                if (isAtTier && meet(labels, instance.labels, ref.matchOn())) {
                    return Truth.TRUE;
                }
            }
            return Truth.FALSE;
        }

        @Override
        public Count count(Instances asked, LabelSet by) {
            RuleRun other = runs.get(asked.rule());
            if (other == null || other.error != null) {
                return new Count(false, 0, 0);
            }
            int firing = 0;
            int all = 0;
            for (Instance instance : other.instances.values()) {
                if (other.isThere(instance) && instance.labels.only(asked.by()).equals(by)) {
                    Optional<Tier> tier = instance.firingTier(other.rule.noData());
                    all++;
                    firing += tier.isPresent() && !asked.tier().isMoreUrgentThan(tier.get()) ? 1 : 0;
                }
            }
            return new Count(true, firing, all);
        }

        @Override
        public Collection<LabelSet> instances(String rule) {
            RuleRun other = runs.get(rule);
            return other == null ? List.of() : other.instances.keySet();
        }

        private static boolean meet(LabelSet left, LabelSet right, Optional<Set<String>> matchOn) {
            Collection<String> names = matchOn.<Collection<String>>map(on -> on).orElseGet(left::names);
            for (String name : names) {
                Optional<String> theirs = right.get(name);
                boolean mustBeThere = matchOn.isPresent();
                if ((theirs.isPresent() || mustBeThere) && !theirs.equals(left.get(name))) {
                    return false;
                }
            }
            return true;
        }
    }
}
