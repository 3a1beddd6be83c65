package io.inferwatch.collector.cost.hosted;

/** Splits a whole number of the smallest steps so that the parts add up to it, exactly. */
final class Apportionment {
    private Apportionment() {}

    /**
     * By the running sum of the weights, so that each rounding is made good by the next part.
     *
     * @param total ≥ 0
     * @param weights finite, ≥ 0, not all 0
     * @return for each weight its part, ≥ 0, within a step of what is due up to the precision of a double
     */
    static long[] split(long total, double[] weights) {
        double sum = 0;
        int last = -1;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i];
            last = weights[i] > 0 ? i : last;
        }
        if (last < 0) {
            throw new IllegalArgumentException("nobody weighs anything, so " + total + " cannot be split");
        }
        long[] parts = new long[weights.length];
        double before = 0;
        long given = 0;
        for (int i = 0; i < last; i++) {
            before += weights[i];
            // The last due may round past the total: a double has 53 bits.
            long due = Math.clamp(Math.round(total * (before / sum)), given, total);
            parts[i] = due - given;
            given = due;
        }
        parts[last] = total - given;
        return parts;
    }
}
