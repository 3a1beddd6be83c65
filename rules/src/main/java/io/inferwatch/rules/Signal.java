package io.inferwatch.rules;

import io.inferwatch.histograms.SignalQuery;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A named number a group of series has at each tick. */
public sealed interface Signal {
    String name();

    /** What its values are told in. */
    Unit unit();

    /** The labels that make its instances; empty: there is one. */
    Set<String> by();

    /**
     * One aggregate of one metric.
     *
     * @param zeroWhenLive whether an empty range is 0 while the source answers: {@code count}, {@code increase} and
     *     {@code rate} of an event or counter without {@code min_samples}
     */
    record Measured(String name, SignalQuery query, Unit unit, boolean zeroWhenLive) implements Signal {
        @Override
        public Set<String> by() {
            return Set.copyOf(query.selection().by());
        }
    }

    /**
     * Part over whole, both by the whole's range; a missing part is 0 where the whole is present.
     *
     * @param factor what the quotient is multiplied by to be in {@code unit}: 100 for percent
     */
    record Ratio(String name, SignalQuery part, SignalQuery whole, Unit unit, double factor) implements Signal {
        @Override
        public Set<String> by() {
            return Set.copyOf(whole.selection().by());
        }
    }

    /**
     * Arithmetic over other signals, joined on the labels they share.
     *
     * @param factor what the result in base units is multiplied by to be in {@code unit}
     */
    record Computed(String name, Expression expression, List<Signal> operands, Unit unit, double factor)
            implements Signal {
        public Computed {
            operands = List.copyOf(operands);
        }

        @Override
        public Set<String> by() {
            Set<String> all = new TreeSet<>();
            operands.forEach(operand -> all.addAll(operand.by()));
            return all;
        }
    }

    /** What the engine knows about the rules themselves: errors and refused instances, by rule. */
    record Internal(String name, Unit unit, Set<String> by) implements Signal {
        public Internal {
            by = Set.copyOf(by);
        }
    }
}
