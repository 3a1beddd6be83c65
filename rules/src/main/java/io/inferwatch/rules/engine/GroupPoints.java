package io.inferwatch.rules.engine;

import io.inferwatch.histograms.Bracket;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one group had in the windows of its past, by slot: a number each, NaN where there is none, and the bounds it lies
 * between where some of them are known by bucket counts alone. Used by the engine's thread alone.
 */
final class GroupPoints {
    private final double[] estimates;

    /** Made when the first point comes that is no exact number. */
    private double @Nullable [] lows;

    private double @Nullable [] highs;

    GroupPoints(int capacity) {
        estimates = new double[capacity];
        Arrays.fill(estimates, Double.NaN);
    }

    void put(int slot, Bracket point) {
        estimates[slot] = point.estimate();
        if (lows == null && highs == null && !point.isExact()) {
            lows = estimates.clone();
            highs = estimates.clone();
        }
        if (lows != null && highs != null) {
            lows[slot] = point.lo();
            highs[slot] = point.hi();
        }
    }

    void clear(int slot) {
        put(slot, NONE);
    }

    boolean has(int slot) {
        return !Double.isNaN(estimates[slot]);
    }

    boolean isEmpty() {
        return Arrays.stream(estimates).allMatch(Double::isNaN);
    }

    Bracket at(int slot) {
        return lows == null || highs == null
                ? Bracket.exact(estimates[slot])
                : new Bracket(lows[slot], estimates[slot], highs[slot]);
    }

    /** Whether every point there is or was is an exact number. */
    boolean isExact() {
        return lows == null;
    }

    double[] estimates() {
        return estimates;
    }

    /** The estimates themselves where all are exact. */
    double[] lows() {
        return lows == null ? estimates : lows;
    }

    /** The estimates themselves where all are exact. */
    double[] highs() {
        return highs == null ? estimates : highs;
    }

    private static final Bracket NONE = Bracket.exact(Double.NaN);
}
