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
            case RuleRef leaf -> List.of();
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
        return leaves().stream().filter(Threshold.class::isInstance).map(leaf -> ((Threshold) leaf).signal());
    }

    default Stream<RuleRef> ruleRefs() {
        return leaves().stream().filter(RuleRef.class::isInstance).map(RuleRef.class::cast);
    }
}
