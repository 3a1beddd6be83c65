package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.Truth;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** One leaf of one instance: its answer in this tick, and since when it has been the same. */
final class LeafTrack {
    private final Condition leaf;
    private final LabelSet instance;

    /** Its group's labels, the very object of the last sample where there was one: equal by identity next time. */
    private LabelSet group;

    private final Sparkline recent = new Sparkline();
    private @Nullable GroupSample sample;
    private boolean leftOut;
    private @Nullable String name;
    private Truth held = Truth.UNKNOWN;
    Truth result = Truth.UNKNOWN;

    @Nullable Instant since;

    LeafTrack(Condition leaf, LabelSet instance) {
        this.leaf = leaf;
        this.instance = instance;
        this.group = leaf instanceof Condition.Threshold threshold
                ? instance.only(threshold.signal().by())
                : instance;
    }

    void observe(Instant t, SignalReadings readings, RuleStates rules) {
        Truth before = result;
        switch (leaf) {
            case Condition.Threshold threshold -> observe(t, threshold, readings);
            case Condition.RuleRef ref -> {
                result = rules.holds(ref, instance);
                held = result;
            }
            case Condition.AllOf c -> throw notALeaf();
            case Condition.AnyOf c -> throw notALeaf();
            case Condition.Not c -> throw notALeaf();
            case Condition.AtLeast c -> throw notALeaf();
            case Condition.Score c -> throw notALeaf();
        }
        since = since == null || before != result ? t : since;
    }

    private void observe(Instant t, Condition.Threshold threshold, SignalReadings readings) {
        sample = readings.of(threshold.signal()).get(group);
        group = sample == null ? group : sample.labels();
        leftOut = sample == null && !readings.everMatched(threshold.signal());
        if (sample != null && sample.sample() instanceof Sample.Present present) {
            result = Truth.of(threshold.limit().isBreachedBy(present.value()));
            held = Truth.of(threshold.limit().isHeldBy(present.value()));
            recent.add(t, present.value(), sample.over());
        } else {
            result = Truth.UNKNOWN;
            held = Truth.UNKNOWN;
        }
    }

    Truth answer(boolean withClearValues) {
        return withClearValues ? held : result;
    }

    boolean isLeftOut() {
        return leftOut;
    }

    /** @param hasSignals whether the instance has signals: then another rule's state is no data of its own */
    boolean hasData(boolean hasSignals) {
        return leaf instanceof Condition.RuleRef ? !hasSignals : result != Truth.UNKNOWN;
    }

    LeafEvidence evidence(Instant t) {
        Duration same = since == null ? Duration.ZERO : Duration.between(since, t);
        Optional<Boolean> answer = result == Truth.UNKNOWN ? Optional.empty() : Optional.of(result == Truth.TRUE);
        OptionalDouble none = OptionalDouble.empty();
        if (!(leaf instanceof Condition.Threshold threshold)) {
            Condition.RuleRef ref = (Condition.RuleRef) leaf;
            String reason = answer.isPresent() ? "" : "rule " + ref.rule() + " is in error";
            return new LeafEvidence(
                    ref.rule(), none, "", "at " + ref.tier() + " or above", none, same, answer, reason, 0, none, "");
        }
        Signal signal = threshold.signal();
        Limit limit = threshold.limit();
        Optional<Sample.Present> present = present();
        return new LeafEvidence(
                signal.name(),
                present.map(p -> OptionalDouble.of(p.value())).orElse(none),
                signal.unit().symbol(),
                limit.operator().symbol(),
                OptionalDouble.of(limit.threshold()),
                same,
                answer,
                answer.isPresent() ? "" : reason(),
                present.map(Sample.Present::count).orElse(0L),
                none,
                recent.draw());
    }

    private Optional<Sample.Present> present() {
        GroupSample group = sample;
        return group != null && group.sample() instanceof Sample.Present p ? Optional.of(p) : Optional.empty();
    }

    private String reason() {
        if (sample != null && sample.sample() instanceof Sample.Missing missing) {
            return missing.reason();
        }
        return leftOut ? "no series ever matched" : "no data";
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
            case Condition.RuleRef ref -> ref.rule() + " at " + ref.tier();
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
