package io.inferwatch.rules.engine;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Limit;
import io.inferwatch.rules.Truth;
import java.util.List;

/** A condition made ready to be worked out from the answers of its leaves, which it knows by number. */
interface Gate {

    /** The answers of an instance's leaves in this tick. */
    interface Leaves {
        Truth at(int leaf);

        /** Whether the leaf's signal never matched anything. */
        boolean isLeftOut(int leaf);
    }

    /** @param held whether clear values are in force */
    Truth of(Leaves leaves, boolean held);

    /** @param leaves the leaves known so far; grows by those of this condition */
    static Gate compile(Condition condition, List<Condition> leaves) {
        return switch (condition) {
            case Condition.Threshold leaf -> leaf(leaf, leaves);
            case Condition.Baseline leaf -> leaf(leaf, leaves);
            case Condition.RuleRef leaf -> leaf(leaf, leaves);
            case Condition.Instances leaf -> leaf(leaf, leaves);
            case Condition.BurnRate pair ->
                atLeast(2, compileAll(List.of(pair.longWindow(), pair.shortWindow()), leaves));
            case Condition.AllOf all -> atLeast(all.of().size(), compileAll(all.of(), leaves));
            case Condition.AnyOf any -> atLeast(1, compileAll(any.of(), leaves));
            case Condition.AtLeast some -> atLeast(some.least(), compileAll(some.of(), leaves));
            case Condition.Not not -> {
                Gate of = compile(not.of(), leaves);
                yield (l, held) -> of.of(l, held).negated();
            }
            case Condition.Score score -> new ScoreGate(score, leaves);
        };
    }

    private static Gate leaf(Condition leaf, List<Condition> leaves) {
        int known = leaves.indexOf(leaf);
        int number = known >= 0 ? known : leaves.size();
        if (known < 0) {
            leaves.add(leaf);
        }
        return (l, held) -> l.at(number);
    }

    private static Gate[] compileAll(List<Condition> conditions, List<Condition> leaves) {
        return conditions.stream().map(c -> compile(c, leaves)).toArray(Gate[]::new);
    }

    /** Kleene's "and" and "or" are the ends of it: all of n, one of n. */
    private static Gate atLeast(int least, Gate[] of) {
        return (leaves, held) -> {
            int trues = 0;
            int unknowns = 0;
            for (Gate gate : of) {
                Truth truth = gate.of(leaves, held);
                trues += truth == Truth.TRUE ? 1 : 0;
                unknowns += truth == Truth.UNKNOWN ? 1 : 0;
            }
            if (trues >= least) {
                return Truth.TRUE;
            }
            return trues + unknowns < least ? Truth.FALSE : Truth.UNKNOWN;
        };
    }

    /** The weighted score, a range while some leaves are not known. */
    final class ScoreGate implements Gate {
        private final double[] weights;
        private final Gate[] parts;
        private final int[][] leavesOfPart;
        private final Limit limit;

        Limit limit() {
            return limit;
        }

        ScoreGate(Condition.Score score, List<Condition> leaves) {
            weights = score.parts().stream()
                    .mapToDouble(Condition.Weighted::weight)
                    .toArray();
            parts = score.parts().stream()
                    .map(part -> compile(part.condition(), leaves))
                    .toArray(Gate[]::new);
            leavesOfPart = score.parts().stream()
                    .map(part -> part.condition().leaves().stream()
                            .mapToInt(leaves::indexOf)
                            .toArray())
                    .toArray(int[][]::new);
            limit = score.limit();
        }

        @Override
        public Truth of(Leaves leaves, boolean held) {
            double[] range = range(leaves, held);
            return range.length == 0 ? Truth.UNKNOWN : limit.over(range[0], range[1], held);
        }

        /** Lowest and highest score, 0–100; empty when every leaf is left out. */
        double[] range(Leaves leaves, boolean held) {
            double all = 0;
            double sure = 0;
            double open = 0;
            for (int i = 0; i < parts.length; i++) {
                if (isLeftOut(i, leaves)) {
                    continue;
                }
                Truth truth = parts[i].of(leaves, held);
                all += weights[i];
                sure += truth == Truth.TRUE ? weights[i] : 0;
                open += truth == Truth.UNKNOWN ? weights[i] : 0;
            }
            return all == 0 ? new double[0] : new double[] {100 * sure / all, 100 * (sure + open) / all};
        }

        private boolean isLeftOut(int part, Leaves leaves) {
            for (int leaf : leavesOfPart[part]) {
                if (!leaves.isLeftOut(leaf)) {
                    return false;
                }
            }
            return true;
        }
    }
}
