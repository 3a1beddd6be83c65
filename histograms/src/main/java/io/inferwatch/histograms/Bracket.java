package io.inferwatch.histograms;

/**
 * A number, or, where it comes from bucket counts, the bounds it lies between.
 *
 * @param lo it is not below this
 * @param estimate a guess between the two; equal to both where the number is known
 * @param hi it is not above this; {@link Double#POSITIVE_INFINITY} past the last bucket's bound
 */
public record Bracket(double lo, double estimate, double hi) {
    public static Bracket exact(double value) {
        return new Bracket(value, value, value);
    }

    /** The estimate is put between the bounds. */
    static Bracket of(double lo, double estimate, double hi) {
        return new Bracket(lo, Math.min(Math.max(estimate, lo), hi), hi);
    }

    /** Whether the number is known, and not just between which bounds it lies. */
    public boolean isExact() {
        return lo == hi;
    }

    Bracket times(double factor) {
        return new Bracket(lo * factor, estimate * factor, hi * factor);
    }

    Bracket plus(Bracket other) {
        return new Bracket(lo + other.lo, estimate + other.estimate, hi + other.hi);
    }

    Bracket min(Bracket other) {
        return new Bracket(Math.min(lo, other.lo), Math.min(estimate, other.estimate), Math.min(hi, other.hi));
    }

    Bracket max(Bracket other) {
        return new Bracket(Math.max(lo, other.lo), Math.max(estimate, other.estimate), Math.max(hi, other.hi));
    }
}
