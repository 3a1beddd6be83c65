package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Truth;
import io.inferwatch.rules.ValueText;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One leaf of one instance: its answer in this tick, and since when it has been the same. */
final class LeafTrack {
    private final Condition leaf;
    private final LabelSet instance;

    /** What it counts by, where it counts. */
    private final LabelSet group;

    /** Of the signal it reads; absent where it asks after another rule. */
    private final @Nullable SignalTrack signals;

    private final @Nullable BaselineTrack baseline;
    private double compared = Double.NaN;

    /** What the comparison lies between, where value or baseline is known by buckets alone. */
    private @Nullable Bracket comparedBounds;

    private boolean isPastLoaded = true;
    private RuleStates.Count counted = new RuleStates.Count(false, 0, 0);
    private @Nullable String name;
    private Truth held = Truth.UNKNOWN;
    Truth result = Truth.UNKNOWN;

    @Nullable Instant since;

    /** @param tracks gives what the instance sees of a signal */
    LeafTrack(Condition leaf, LabelSet instance, Function<Signal, SignalTrack> tracks) {
        this.leaf = leaf;
        this.instance = instance;
        this.group = leaf instanceof Condition.Instances counting ? instance.only(counting.by()) : instance;
        switch (leaf) {
            case Condition.Threshold threshold -> {
                this.signals = tracks.apply(threshold.signal());
                this.baseline = null;
            }
            case Condition.Baseline against -> {
                SignalTrack seen = tracks.apply(against.signal());
                this.signals = seen;
                this.baseline = seen.baseline(against.comparison());
            }
            default -> {
                this.signals = null;
                this.baseline = null;
            }
        }
    }

    void observe(Instant t, SignalReadings readings, RuleStates rules, FiredPeriods periods) {
        Truth before = result;
        switch (leaf) {
            case Condition.Threshold threshold -> observe(threshold);
            case Condition.Baseline against -> observe(t, against, readings, periods);
            case Condition.RuleRef ref -> {
                result = rules.holds(ref, instance);
                held = result;
            }
            case Condition.Instances counting -> {
                counted = rules.count(counting, group);
                result = !counted.isKnown() ? Truth.UNKNOWN : Truth.of(isReached(counting));
                held = result;
            }
            case Condition.BurnRate c -> throw notALeaf();
            case Condition.AllOf c -> throw notALeaf();
            case Condition.AnyOf c -> throw notALeaf();
            case Condition.Not c -> throw notALeaf();
            case Condition.AtLeast c -> throw notALeaf();
            case Condition.Score c -> throw notALeaf();
        }
        since = since == null || before != result ? t : since;
    }

    private void observe(Condition.Threshold threshold) {
        Sample.Present present = present();
        if (present != null) {
            judge(threshold.limit(), present.lo(), present.hi());
        } else {
            result = Truth.UNKNOWN;
            held = Truth.UNKNOWN;
        }
    }

    private Sample.@Nullable Present present() {
        return signals == null ? null : signals.present;
    }

    private void judge(Limit limit, double low, double high) {
        if (low == high) {
            result = Truth.of(limit.isBreachedBy(low));
            held = Truth.of(limit.isHeldBy(low));
        } else {
            result = limit.over(low, high, false);
            held = limit.over(low, high, true);
        }
    }

    private void observe(Instant t, Condition.Baseline against, SignalReadings readings, FiredPeriods periods) {
        PointHistory history = readings.history(against.signal(), t);
        Sample.Present present = present();
        BaselineTrack before = baseline;
        result = Truth.UNKNOWN;
        held = Truth.UNKNOWN;
        compared = Double.NaN;
        comparedBounds = null;
        isPastLoaded = history.isLoaded();
        if (before == null || signals == null || present == null) {
            return;
        }
        before.update(t, history, signals.group, periods);
        if (!isPastLoaded || Double.isNaN(before.value)) {
            return;
        }
        Comparison comparison = against.comparison();
        compared = comparison.compare(present.value(), before.value, before.spread);
        if (Double.isNaN(compared)) {
            return;
        }
        if (present.isExact() && before.isExact()) {
            judge(against.limit(), compared, compared);
            return;
        }
        Bracket bounds = before.compared(present.lo(), present.hi());
        if (!Double.isNaN(bounds.lo()) && !Double.isNaN(bounds.hi())) {
            comparedBounds = bounds;
            judge(against.limit(), bounds.lo(), bounds.hi());
        }
    }

    private boolean isReached(Condition.Instances counting) {
        return counting.isShare()
                ? counted.all() > 0 && counted.firing() >= counting.atLeast() * counted.all()
                : counted.firing() >= counting.atLeast();
    }

    Truth answer(boolean withClearValues) {
        return withClearValues ? held : result;
    }

    boolean isLeftOut() {
        return signals != null && signals.leftOut;
    }

    /** @param hasSignals whether the instance has signals: then another rule's state is no data of its own */
    boolean hasData(boolean hasSignals) {
        return switch (leaf) {
            case Condition.Threshold threshold -> present() != null;
            case Condition.Baseline against -> present() != null;
            default -> !hasSignals;
        };
    }

    LeafEvidence evidence(Instant t) {
        Duration same = since == null ? Duration.ZERO : Duration.between(since, t);
        Optional<Boolean> answer = result == Truth.UNKNOWN ? Optional.empty() : Optional.of(result == Truth.TRUE);
        return switch (leaf) {
            case Condition.Threshold threshold -> evidence(threshold, same, answer);
            case Condition.Baseline against -> evidence(against, same, answer);
            case Condition.RuleRef ref -> {
                OptionalDouble none = OptionalDouble.empty();
                String reason = answer.isPresent() ? "" : "rule " + ref.rule() + " is in error";
                yield new LeafEvidence(
                        ref.rule(),
                        none,
                        "",
                        "at " + ref.tier() + " or above",
                        none,
                        same,
                        answer,
                        reason,
                        0,
                        none,
                        "");
            }
            case Condition.Instances counting -> evidence(counting, same, answer);
            case Condition.BurnRate c -> throw notALeaf();
            case Condition.AllOf c -> throw notALeaf();
            case Condition.AnyOf c -> throw notALeaf();
            case Condition.Not c -> throw notALeaf();
            case Condition.AtLeast c -> throw notALeaf();
            case Condition.Score c -> throw notALeaf();
        };
    }

    private LeafEvidence evidence(Condition.Threshold threshold, Duration same, Optional<Boolean> answer) {
        Signal signal = threshold.signal();
        Limit limit = threshold.limit();
        Optional<Sample.Present> present = Optional.ofNullable(present());
        return new LeafEvidence(
                signal.name(),
                present.map(p -> OptionalDouble.of(p.value())).orElse(OptionalDouble.empty()),
                signal.unit().symbol(),
                limit.operator().symbol(),
                OptionalDouble.of(limit.threshold()),
                same,
                answer,
                answer.isPresent() ? "" : reason(signal),
                present.map(Sample.Present::count).orElse(0L),
                OptionalDouble.empty(),
                sparkline());
    }

    private LeafEvidence evidence(Condition.Baseline against, Duration same, Optional<Boolean> answer) {
        Signal signal = against.signal();
        Limit limit = against.limit();
        Optional<Sample.Present> present = Optional.ofNullable(present());
        BaselineTrack before = baseline;
        double normal = before == null ? Double.NaN : before.value;
        return new LeafEvidence(
                signal.name(),
                Double.isNaN(compared) ? OptionalDouble.empty() : OptionalDouble.of(compared),
                against.comparison().unit(signal.unit()).symbol(),
                limit.operator().symbol(),
                OptionalDouble.of(limit.threshold()),
                same,
                answer,
                answer.isPresent() ? "" : reason(against),
                present.map(Sample.Present::count).orElse(0L),
                Double.isNaN(normal) ? OptionalDouble.empty() : OptionalDouble.of(normal),
                sparkline(),
                present.map(p -> OptionalDouble.of(p.value())).orElse(OptionalDouble.empty()),
                signal.unit().symbol());
    }

    private LeafEvidence evidence(Condition.Instances counting, Duration same, Optional<Boolean> answer) {
        double value = counting.isShare()
                ? (counted.all() == 0 ? 0 : (double) counted.firing() / counted.all())
                : counted.firing();
        return new LeafEvidence(
                "instances of " + counting.rule() + " at " + counting.tier() + " or above",
                counted.isKnown() ? OptionalDouble.of(value) : OptionalDouble.empty(),
                counting.isShare() ? "ratio" : "count",
                ">=",
                OptionalDouble.of(counting.atLeast()),
                same,
                answer,
                answer.isPresent() ? "" : "rule " + counting.rule() + " is in error",
                counted.all(),
                OptionalDouble.empty(),
                "");
    }

    private String reason(Condition.Baseline against) {
        Bracket bounds = comparedBounds;
        return bounds == null
                ? reason(against.signal())
                : between(
                        bounds.lo(),
                        bounds.hi(),
                        against.comparison().unit(against.signal().unit()).symbol());
    }

    private String reason(Signal signal) {
        GroupSample sample = signals == null ? null : signals.sample;
        if (sample != null && sample.sample() instanceof Sample.Missing missing) {
            return missing.reason();
        }
        if (sample != null && sample.sample() instanceof Sample.Present present) {
            return present.isExact() || baseline != null
                    ? noBaseline()
                    : between(present.lo(), present.hi(), signal.unit().symbol());
        }
        return isLeftOut() ? "no series ever matched" : "no data";
    }

    private String sparkline() {
        return signals == null ? "" : signals.recent.draw();
    }

    private String noBaseline() {
        BaselineTrack before = baseline;
        if (before == null) {
            return "no data";
        }
        return Double.isNaN(before.value) || !isPastLoaded
                ? before.reason(isPastLoaded)
                : "nothing to compare with: the baseline is 0 or does not vary";
    }

    /** The buckets do not say on which side of the limit it lies. */
    private static String between(double low, double high, String unit) {
        String most = Double.isFinite(high) ? ValueText.compact(high, unit) : "the last bucket";
        return "between " + ValueText.compact(low, unit) + " and " + most;
    }

    /** What names this leaf in stored state; a changed limit is another leaf. */
    String name() {
        if (name == null) {
            name = nameOf(leaf);
        }
        return name;
    }

    private String nameOf(Condition condition) {
        return switch (condition) {
            case Condition.Threshold threshold ->
                threshold.signal().name() + " " + threshold.limit().operator().symbol() + " "
                        + threshold.limit().threshold();
            case Condition.Baseline against ->
                against.signal().name() + " " + against.comparison().as() + " "
                        + against.limit().operator().symbol() + " "
                        + against.limit().threshold();
            case Condition.RuleRef ref -> ref.rule() + " at " + ref.tier();
            case Condition.Instances counting ->
                "instances of " + counting.rule() + " at " + counting.tier() + " >= " + counting.atLeast();
            case Condition.BurnRate c -> throw notALeaf();
            case Condition.AllOf c -> throw notALeaf();
            case Condition.AnyOf c -> throw notALeaf();
            case Condition.Not c -> throw notALeaf();
            case Condition.AtLeast c -> throw notALeaf();
            case Condition.Score c -> throw notALeaf();
        };
    }

    private IllegalStateException notALeaf() {
        return new IllegalStateException("not a leaf: " + leaf);
    }
}
