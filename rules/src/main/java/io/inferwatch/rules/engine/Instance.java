package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Truth;
import io.inferwatch.rules.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One instance of one rule: its latches and what its leaves saw. Used by the engine's thread alone. */
final class Instance {
    private static final AlertState QUIET = new AlertState.Ok();

    final LabelSet labels;
    final TierPlan plan;
    final LeafTrack[] tracks;
    private final SignalTrack[] signals;
    final Map<Tier, Latch> latches = new EnumMap<>(Tier.class);

    /** Those of the plan's tiers, in its order: every tick goes over them. */
    private final Latch[] ordered;

    /** The tier that missing data fires, under that policy. */
    final Latch silence = new Latch();

    /** Kept only where something is compared with the past. */
    final FiredPeriods periods = new FiredPeriods();

    @Nullable Instant noDataSince;

    @Nullable Instant episodeAt;

    @Nullable Instant firedAt;

    /** The tier the listener was told last. */
    @Nullable Tier told;

    /** As the listener was given it last while firing. */
    @Nullable Alert lastFiring;

    /** As the listener was given it last while firing and there was a value. */
    @Nullable Alert lastWithValue;

    /** The stored form as it was last handed on; empty when nothing is stored. */
    String stored = "";

    /** The name its rule had when this episode began; absent where that is the one it has. */
    @Nullable String bornAs;

    /** The id of the episode that began at {@link #idOf}: a hash, so made once an episode. */
    private String id = "";

    private @Nullable Instant idOf;

    private final Gate.Leaves breachedAnswers;
    private final Gate.Leaves heldAnswers;

    /** Whether its source was configured, discovered or expected at some tick of this process. */
    boolean wasExpected;

    Instance(LabelSet labels, TierPlan plan) {
        this.labels = labels;
        this.plan = plan;
        Map<Signal, SignalTrack> bySignal = new LinkedHashMap<>();
        this.tracks = plan.leaves().stream()
                .map(leaf -> new LeafTrack(
                        leaf,
                        labels,
                        signal -> bySignal.computeIfAbsent(signal, asked -> new SignalTrack(asked, labels))))
                .toArray(LeafTrack[]::new);
        this.signals = bySignal.values().toArray(SignalTrack[]::new);
        plan.tiers().forEach(step -> latches.put(step.tier(), new Latch()));
        this.ordered = latches.values().toArray(Latch[]::new);
        this.breachedAnswers = new Answers(false);
        this.heldAnswers = new Answers(true);
    }

    /**
     * One tick: leaves, then each tier's latch, then the state as a whole.
     *
     * @param mayOpen whether what is quiet may fire now
     */
    void advance(Instant t, SignalReadings readings, RuleStates rules, NoData noData, boolean mayOpen) {
        boolean hasData = false;
        for (SignalTrack signal : signals) {
            signal.observe(t, readings);
        }
        for (LeafTrack track : tracks) {
            track.observe(t, readings, rules, periods);
            hasData |= track.hasData(plan.hasSignals());
        }
        noDataSince = hasData ? null : noDataSince == null ? t : noDataSince;
        for (int i = 0; i < ordered.length; i++) {
            TierPlan.Step step = plan.tiers().get(i);
            Latch latch = ordered[i];
            Gate gate = step.gate();
            Truth held = latch.latched ? gate.of(heldAnswers, true) : Truth.UNKNOWN;
            Truth breached = latch.latched ? Truth.UNKNOWN : gate.of(breachedAnswers, false);
            latch.advance(t, breached, held, step.rule().holdFor(), step.rule().clearFor(), noData, mayOpen);
        }
        if (noData.policy() == NoData.Policy.ALERT) {
            Truth silent = Truth.of(!hasData);
            silence.advance(t, silent, silent, noData.after(), longestClear(), noData, mayOpen);
        } else {
            silence.release();
        }
        settle(t, noData);
        if (!plan.reach().isZero()) {
            periods.update(firingSince(noData), t, plan.reach());
        }
    }

    private @Nullable Instant firingSince(NoData noData) {
        Optional<Tier> tier = isBlank() ? Optional.empty() : firingTier(noData);
        return tier.isEmpty() ? null : latchOf(tier.get(), true).since;
    }

    private Duration longestClear() {
        Duration longest = Duration.ZERO;
        for (TierPlan.Step step : plan.tiers()) {
            longest =
                    longest.compareTo(step.rule().clearFor()) < 0 ? step.rule().clearFor() : longest;
        }
        return longest;
    }

    private void settle(Instant t, NoData noData) {
        if (isBlank()) {
            episodeAt = null;
            firedAt = null;
            return;
        }
        boolean fires = firingTier(noData).isPresent();
        boolean isQuiet = !fires && pendingTier(noData).isEmpty();
        if (isQuiet) {
            episodeAt = null;
        } else if (episodeAt == null || (firedAt != null && !fires)) {
            episodeAt = t;
            bornAs = null;
        }
        firedAt = !fires ? null : firedAt == null ? t : firedAt;
    }

    /** Closes everything: the instance is given up. */
    void release() {
        latches.values().forEach(Latch::release);
        silence.release();
        episodeAt = null;
        firedAt = null;
    }

    void excuse(Duration pause) {
        latches.values().forEach(latch -> latch.excuse(pause));
        noDataSince = noDataSince == null ? null : noDataSince.plus(pause);
    }

    /** After a long gap: pending ends, and what fired waits for its condition to be known. */
    void distrust() {
        latches.values().forEach(Instance::distrust);
        distrust(silence);
    }

    private static void distrust(Latch latch) {
        latch.untilKnown = latch.latched;
        latch.clearSince = null;
        latch.unknownSince = null;
        latch.since = latch.latched ? latch.since : null;
    }

    /** Its rule has another name now: the alert that runs keeps its own, and nothing is stored under the new one yet. */
    void rename(String before) {
        bornAs = bornAs == null ? before : bornAs;
        lastFiring = null;
        stored = "";
    }

    /** Takes over the memory of the same instance under the rule as it was before a reload. */
    void inherit(Instance old) {
        latches.forEach((tier, latch) -> {
            Latch before = old.latches.get(tier);
            if (before != null) {
                latch.copy(before);
            }
        });
        silence.copy(old.silence);
        noDataSince = old.noDataSince;
        wasExpected = old.wasExpected;
        episodeAt = old.episodeAt;
        firedAt = old.firedAt;
        told = old.told;
        lastFiring = old.lastFiring;
        lastWithValue = old.lastWithValue;
        stored = old.stored;
        bornAs = old.bornAs;
        periods.copy(old.periods);
        for (LeafTrack track : tracks) {
            for (LeafTrack before : old.tracks) {
                if (before.name().equals(track.name())) {
                    track.result = before.result;
                    track.since = before.since;
                }
            }
        }
    }

    /** The most urgent latched tier. */
    Optional<Tier> firingTier(NoData noData) {
        Tier tier = silence.latched ? noData.tier().orElse(null) : null;
        for (Map.Entry<Tier, Latch> entry : latches.entrySet()) {
            if (entry.getValue().latched && (tier == null || entry.getKey().isMoreUrgentThan(tier))) {
                tier = entry.getKey();
            }
        }
        return Optional.ofNullable(tier);
    }

    private Optional<Tier> pendingTier(NoData noData) {
        for (Map.Entry<Tier, Latch> entry : latches.entrySet()) {
            if (entry.getValue().isPending()) {
                return Optional.of(entry.getKey());
            }
        }
        return silence.isPending() ? noData.tier() : Optional.empty();
    }

    AlertState state(NoData noData) {
        if (isBlank()) {
            return QUIET;
        }
        Optional<Tier> firing = firingTier(noData);
        if (firing.isPresent() && firedAt != null) {
            Instant since = latchOf(firing.get(), true).since;
            return new AlertState.Firing(firing.get(), since == null ? firedAt : since, firedAt);
        }
        Optional<Tier> pending = pendingTier(noData);
        if (pending.isPresent()) {
            Instant since = latchOf(pending.get(), false).since;
            if (since != null) {
                return new AlertState.Pending(pending.get(), since);
            }
        }
        return new AlertState.Ok();
    }

    /** The latch behind a tier: its own, or that of missing data. */
    private Latch latchOf(Tier tier, boolean latched) {
        Latch own = latches.get(tier);
        return own != null && (latched ? own.latched : own.isPending()) ? own : silence;
    }

    boolean isStale(Instant t, NoData noData) {
        if (noData.policy() == NoData.Policy.IGNORE) {
            return false;
        }
        boolean silent = noDataSince != null && Latch.hasPassed(noDataSince, t, noData.after());
        return silent
                || firingTier(noData)
                        .map(tier -> latchOf(tier, true).isUnknownFor(t, noData.after()))
                        .orElse(false);
    }

    boolean isExpired(Instant t, NoData noData) {
        return noDataSince != null && Latch.hasPassed(noDataSince, t, noData.expire());
    }

    /** Whether nothing would be lost if it were forgotten. */
    boolean isBlank() {
        for (Latch latch : ordered) {
            if (!latch.isBlank()) {
                return false;
            }
        }
        return silence.isBlank();
    }

    /** The id of the episode that runs, or that would begin now. */
    String id(String rule, Instant t) {
        Instant begins = episodeAt == null ? t : episodeAt;
        if (!begins.equals(idOf)) {
            id = AlertWriter.id(new AlertKey(bornAs == null ? rule : bornAs, labels), begins);
            idOf = begins;
        }
        return id;
    }

    /** What the leaves of the tier that matters saw: the firing or pending one, else the first. */
    List<LeafEvidence> why(Instant t, NoData noData) {
        Tier tier = firingTier(noData).or(() -> pendingTier(noData)).orElse(null);
        for (TierPlan.Step step : plan.tiers()) {
            if (step.tier() == tier) {
                return evidence(step, t);
            }
        }
        return evidence(plan.tiers().getFirst(), t);
    }

    /** What each tier's condition comes to now. */
    Map<Tier, Verdict> verdicts(Instant t) {
        Map<Tier, Verdict> verdicts = new EnumMap<>(Tier.class);
        for (TierPlan.Step step : plan.tiers()) {
            List<LeafEvidence> evidence = evidence(step, t);
            verdicts.put(
                    step.tier(),
                    switch (step.gate().of(breachedAnswers, false)) {
                        case TRUE -> new Verdict.Holds(evidence);
                        case FALSE -> new Verdict.DoesNotHold(evidence);
                        case UNKNOWN -> new Verdict.Unknown(firstReason(evidence));
                    });
        }
        return verdicts;
    }

    private static String firstReason(List<LeafEvidence> evidence) {
        return evidence.stream()
                .filter(leaf -> leaf.result().isEmpty())
                .map(leaf -> leaf.leaf() + ": " + leaf.reason())
                .findFirst()
                .orElse("no leaf ever had data");
    }

    private List<LeafEvidence> evidence(TierPlan.Step step, Instant t) {
        List<LeafEvidence> evidence = new ArrayList<>(step.leaves().size() + 1);
        if (step.gate() instanceof Gate.ScoreGate score) {
            evidence.add(scoreEvidence(score, t, step));
        }
        step.leaves().forEach(leaf -> evidence.add(tracks[leaf].evidence(t)));
        return evidence;
    }

    private LeafEvidence scoreEvidence(Gate.ScoreGate gate, Instant t, TierPlan.Step step) {
        double[] range = gate.range(breachedAnswers, false);
        Truth truth = gate.of(breachedAnswers, false);
        Instant since = ordered[plan.tiers().indexOf(step)].since;
        return new LeafEvidence(
                "score",
                range.length == 0 ? OptionalDouble.empty() : OptionalDouble.of(range[0]),
                "",
                gate.limit().operator().symbol(),
                OptionalDouble.of(gate.limit().threshold()),
                since == null ? Duration.ZERO : Duration.between(since, t),
                truth == Truth.UNKNOWN ? Optional.empty() : Optional.of(truth == Truth.TRUE),
                truth != Truth.UNKNOWN
                        ? ""
                        : range.length == 0
                                ? "no leaf ever had data"
                                : "between %.0f and %.0f".formatted(range[0], range[1]),
                0,
                OptionalDouble.empty(),
                "");
    }

    private final class Answers implements Gate.Leaves {
        private final boolean withClearValues;

        Answers(boolean withClearValues) {
            this.withClearValues = withClearValues;
        }

        @Override
        public Truth at(int leaf) {
            return tracks[leaf].answer(withClearValues);
        }

        @Override
        public boolean isLeftOut(int leaf) {
            return tracks[leaf].isLeftOut();
        }
    }
}
