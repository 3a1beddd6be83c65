package io.inferwatch.rules;

import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.SignalQuery;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** A named number a group of series has at each tick. */
public sealed interface Signal {
    String name();

    /** What its values are told in. */
    Unit unit();

    /** The labels that make its instances; empty: there is one. */
    Set<String> by();

    /** The window it looks at, at its shortest; of an expression the longest of its operands. */
    default Duration over() {
        return switch (this) {
            case Measured measured -> measured.query().over();
            case Ratio ratio -> ratio.whole().over();
            case Computed computed ->
                computed.operands().stream()
                        .map(Signal::over)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO);
            case Internal internal -> Duration.ofMinutes(1);
        };
    }

    /** How far its window lies in the past. */
    default Duration delay() {
        return switch (this) {
            case Measured measured -> measured.query().delay();
            case Ratio ratio -> ratio.whole().delay();
            case Computed computed ->
                computed.operands().stream()
                        .map(Signal::delay)
                        .max(Duration::compareTo)
                        .orElse(Duration.ZERO);
            case Internal internal -> Duration.ZERO;
        };
    }

    /** The same signal as it was so long before. */
    default Signal before(Duration shift) {
        return switch (this) {
            case Measured measured ->
                new Measured(
                        measured.name(), before(measured.query(), shift), measured.unit(), measured.zeroWhenLive());
            case Ratio ratio ->
                new Ratio(
                        ratio.name(),
                        before(ratio.part(), shift),
                        before(ratio.whole(), shift),
                        ratio.unit(),
                        ratio.factor());
            case Computed computed ->
                new Computed(
                        computed.name(),
                        computed.expression(),
                        computed.operands().stream().map(o -> o.before(shift)).toList(),
                        computed.unit(),
                        computed.factor());
            case Internal internal -> internal;
        };
    }

    private static SignalQuery before(SignalQuery query, Duration shift) {
        return new SignalQuery(
                query.selection(),
                query.aggregate(),
                query.over(),
                query.overAtMost(),
                query.minSamples(),
                query.delay().plus(shift));
    }

    /** The questions it puts to the windows. */
    default Stream<SignalQuery> queries() {
        return switch (this) {
            case Measured measured -> Stream.of(measured.query());
            case Ratio ratio -> Stream.of(ratio.part(), ratio.whole());
            case Computed computed -> computed.operands().stream().flatMap(Signal::queries);
            case Internal internal -> Stream.empty();
        };
    }

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
        /** Of a whole that is not 0, in {@code unit}; where the whole may be 0 there is no upper bound. */
        public Bracket quotient(Bracket part, Bracket whole) {
            double value = part.estimate() / whole.estimate() * factor;
            return part.isExact() && whole.isExact()
                    ? Bracket.exact(value)
                    : new Bracket(
                            part.lo() / whole.hi() * factor,
                            value,
                            whole.lo() > 0 ? part.hi() / whole.lo() * factor : Double.POSITIVE_INFINITY);
        }

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

        /** What lies between the bounds of the operands, in {@code unit}; each operand's in its own. */
        public Bracket evaluateBetween(Function<String, Bracket> values) {
            return Intervals.product(expression.evaluateBetween(values), Bracket.exact(factor));
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
