package io.inferwatch.rules;

import io.inferwatch.histograms.Bracket;
import java.util.List;
import java.util.stream.DoubleStream;

/**
 * Arithmetic between bounds (R. E. Moore, "Interval Analysis", 1966): the answer's bounds hold every result there is of
 * numbers between those of the operands. Where that is all there are, they are infinite.
 */
final class Intervals {
    private Intervals() {}

    static Bracket sum(Bracket left, Bracket right) {
        return between(left.lo() + right.lo(), left.estimate() + right.estimate(), left.hi() + right.hi());
    }

    static Bracket difference(Bracket left, Bracket right) {
        return between(left.lo() - right.hi(), left.estimate() - right.estimate(), left.hi() - right.lo());
    }

    static Bracket product(Bracket left, Bracket right) {
        return ofCorners(
                left.estimate() * right.estimate(),
                left.lo() * right.lo(),
                left.lo() * right.hi(),
                left.hi() * right.lo(),
                left.hi() * right.hi());
    }

    static Bracket quotient(Bracket left, Bracket right) {
        double estimate = left.estimate() / right.estimate();
        if (right.lo() <= 0 && right.hi() >= 0) {
            return anything(estimate);
        }
        return ofCorners(
                estimate,
                left.lo() / right.lo(),
                left.lo() / right.hi(),
                left.hi() / right.lo(),
                left.hi() / right.hi());
    }

    /** {@code min}, {@code max}, {@code abs} or {@code clamp}. */
    static Bracket call(String function, List<Bracket> arguments) {
        Bracket first = arguments.getFirst();
        return switch (function) {
            case "abs" -> abs(first);
            case "clamp" -> min(max(first, arguments.get(1)), arguments.get(2));
            case "min" -> arguments.stream().reduce(Intervals::min).orElse(first);
            default -> arguments.stream().reduce(Intervals::max).orElse(first);
        };
    }

    private static Bracket abs(Bracket of) {
        double estimate = Math.abs(of.estimate());
        double most = Math.max(-of.lo(), of.hi());
        double least = of.lo() > 0 ? of.lo() : of.hi() < 0 ? -of.hi() : 0;
        return between(least, estimate, most);
    }

    private static Bracket min(Bracket a, Bracket b) {
        return between(Math.min(a.lo(), b.lo()), Math.min(a.estimate(), b.estimate()), Math.min(a.hi(), b.hi()));
    }

    private static Bracket max(Bracket a, Bracket b) {
        return between(Math.max(a.lo(), b.lo()), Math.max(a.estimate(), b.estimate()), Math.max(a.hi(), b.hi()));
    }

    private static Bracket ofCorners(double estimate, double... corners) {
        return between(
                DoubleStream.of(corners).min().orElse(Double.NaN),
                estimate,
                DoubleStream.of(corners).max().orElse(Double.NaN));
    }

    /** Infinity less infinity, or times nothing, may be anything. */
    private static Bracket between(double low, double estimate, double high) {
        return Double.isNaN(low) || Double.isNaN(high) ? anything(estimate) : new Bracket(low, estimate, high);
    }

    private static Bracket anything(double estimate) {
        return new Bracket(Double.NEGATIVE_INFINITY, estimate, Double.POSITIVE_INFINITY);
    }
}
