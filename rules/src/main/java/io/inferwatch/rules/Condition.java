package io.inferwatch.rules;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** What must hold for a tier; evaluated in three-valued logic. */
public sealed interface Condition {

    /** A leaf: one signal against one limit. */
    record Threshold(Signal signal, Limit limit) implements Condition {}

    /**
     * A leaf: true where the other rule has an instance at this tier or a more urgent one.
     *
     * @param matchOn the labels to join on; empty: those both have
     */
    record RuleRef(String rule, Tier tier, Optional<Set<String>> matchOn) implements Condition {}

    /** A leaf: one signal against what it was before, in the unit of the comparison. */
    record Baseline(Signal signal, Comparison comparison, Limit limit) implements Condition {}

    /**
     * A leaf: true where so many instances of the other rule, or so large a share of them, fire at this tier or a more
     * urgent one.
     *
     * @param by the labels whose values the counted instances have in common; empty: all are counted together
     * @param atLeast a number, or a ratio 0–1 where {@code isShare}
     */
    record Instances(String rule, Tier tier, Set<String> by, double atLeast, boolean isShare) implements Condition {
        public Instances {
            by = Set.copyOf(by);
        }
    }

    /** An error budget burns faster than a factor allows, in both windows: the long one is sure, the short one is new. */
    record BurnRate(Threshold longWindow, Threshold shortWindow) implements Condition {}

    record AllOf(List<Condition> of) implements Condition {
        public AllOf {
            of = List.copyOf(of);
        }
    }

    record AnyOf(List<Condition> of) implements Condition {
        public AnyOf {
            of = List.copyOf(of);
        }
    }

    record Not(Condition of) implements Condition {}

    record AtLeast(int least, List<Condition> of) implements Condition {
        public AtLeast {
            of = List.copyOf(of);
        }
    }

    /** The weights of what is true over all weights, 0–100, against a limit. */
    record Score(List<Weighted> parts, Limit limit) implements Condition {
        public Score {
            parts = List.copyOf(parts);
        }
    }

    record Weighted(double weight, Condition condition) {}

    /** The conditions directly below this one. */
    default List<Condition> children() {
        return switch (this) {
            case Threshold leaf -> List.of();
            case Baseline leaf -> List.of();
            case RuleRef leaf -> List.of();
            case Instances leaf -> List.of();
            case BurnRate pair -> List.of(pair.longWindow(), pair.shortWindow());
            case AllOf all -> all.of();
            case AnyOf any -> any.of();
            case Not not -> List.of(not.of());
            case AtLeast atLeast -> atLeast.of();
            case Score score -> score.parts().stream().map(Weighted::condition).toList();
        };
    }

    /** All leaves, in the order they are written. */
    default List<Condition> leaves() {
        List<Condition> leaves = new ArrayList<>();
        if (children().isEmpty()) {
            leaves.add(this);
        }
        children().forEach(child -> leaves.addAll(child.leaves()));
        return leaves;
    }

    default Stream<Signal> signals() {
        return leaves().stream()
                .flatMap(leaf -> leaf instanceof Threshold threshold
                        ? Stream.of(threshold.signal())
                        : leaf instanceof Baseline baseline ? Stream.of(baseline.signal()) : Stream.empty());
    }

    default Stream<Baseline> baselines() {
        return leaves().stream().filter(Baseline.class::isInstance).map(Baseline.class::cast);
    }

    /** The rules this condition asks about. */
    default Stream<String> referredRules() {
        return leaves().stream()
                .flatMap(leaf -> leaf instanceof RuleRef ref
                        ? Stream.of(ref.rule())
                        : leaf instanceof Instances counted ? Stream.of(counted.rule()) : Stream.empty());
    }
}
