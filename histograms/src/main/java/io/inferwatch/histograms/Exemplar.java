package io.inferwatch.histograms;

import java.util.Comparator;

/** One sample that is remembered by name: among the slowest few of its window. */
public record Exemplar(String requestId, long scaledValue, long epochMillis) {
    /** So many are kept of each window, however wide. */
    public static final int KEPT_PER_WINDOW = 4;

    /** Slowest first; total, so that the few kept do not hang on the order in which windows meet. */
    public static final Comparator<Exemplar> SLOWEST_FIRST = Comparator.comparingLong(Exemplar::scaledValue)
            .reversed()
            .thenComparingLong(Exemplar::epochMillis)
            .thenComparing(Exemplar::requestId);
}
