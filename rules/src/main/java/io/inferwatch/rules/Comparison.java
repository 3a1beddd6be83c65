package io.inferwatch.rules;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * How a signal is held against its own past. Its points are what it had in consecutive windows of its own {@code over},
 * aligned to UTC.
 *
 * @param of what is made of the points
 * @param as what is made of value and baseline
 * @param minPoints fewer give no baseline
 * @param floor in the signal's unit: while value and baseline are both below it nothing has changed, and a baseline below
 *     it counts as this much; empty: none
 * @param excludeMax periods in which the rule fired are no points, unless they last longer than this: then they are what
 *     is normal now
 */
public record Comparison(Against against, Of of, As as, int minPoints, OptionalDouble floor, Duration excludeMax) {

    /** Which points count. */
    public sealed interface Against {

        /** Those of the last {@code window}, the last {@code skipLast} of it left out. */
        record Trailing(Duration window, Duration skipLast) implements Against {}

        /** The ones at the same time of that many days or weeks before. */
        record SameTime(Duration every, int cycles) implements Against {}
    }

    /** One number of many points. */
    public enum Of {
        AVG,
        MEDIAN,
        P95
    }

    /** What value and baseline come to. */
    public enum As {
        /** Value over baseline. */
        TIMES,
        /** What is missing to the baseline, in percent of it; negative where the value is above. */
        DROP,
        /** Value less baseline, in the signal's unit. */
        DELTA,
        /** Value less baseline, in standard deviations of the points. */
        ZSCORE
    }

    /** How far back the oldest point may lie. */
    public Duration reach() {
        return switch (against) {
            case Against.Trailing trailing -> trailing.window();
            case Against.SameTime same -> same.every().multipliedBy(same.cycles());
        };
    }

    /** What the limits of a comparison are told in. */
    public Unit unit(Unit signal) {
        return switch (as) {
            case TIMES -> Unit.TIMES;
            case DROP -> Unit.PERCENT;
            case DELTA -> signal;
            case ZSCORE -> Unit.NONE;
        };
    }

    /**
     * @param value in the signal's unit
     * @param spread the standard deviation of the points
     * @return NaN where there is nothing to compare with: a baseline of zero, points that do not vary
     */
    public double compare(double value, double baseline, double spread) {
        double base = baseline;
        if (floor.isPresent()) {
            if (value < floor.getAsDouble() && baseline < floor.getAsDouble()) {
                return as == As.TIMES ? 1 : 0;
            }
            base = Math.max(baseline, floor.getAsDouble());
        }
        return switch (as) {
            case TIMES -> base > 0 ? value / base : value == base ? 1 : Double.NaN;
            case DROP -> base > 0 ? 100 * (base - value) / base : value == base ? 0 : Double.NaN;
            case DELTA -> value - baseline;
            case ZSCORE -> spread > 0 ? (value - baseline) / spread : value == baseline ? 0 : Double.NaN;
        };
    }
}
