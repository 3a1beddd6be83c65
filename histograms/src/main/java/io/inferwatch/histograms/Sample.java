package io.inferwatch.histograms;

/** The answer to one aggregate over one range of one group of series: a number, or why there is none. */
public sealed interface Sample {

    /**
     * A number, or, where it comes from {@linkplain Provenance.Bucketed bucket counts}, the bounds it lies between. All
     * in the metric's unit (a share is a ratio 0–1, a rate is per second).
     *
     * @param value the number; of a bracket the estimate, which no verdict may rest on
     * @param lo the number is not below this; equal to {@code hi} where it is known exactly
     * @param hi the number is not above this; {@link Double#POSITIVE_INFINITY} past the last bucket's bound
     * @param count how many samples it rests on
     */
    record Present(double value, double lo, double hi, long count, Provenance provenance) implements Sample {
        /** A number that is known exactly. */
        public Present(double value, long count, Provenance provenance) {
            this(value, value, value, count, provenance);
        }

        /** Whether the number is known, and not just between which bounds it lies. */
        public boolean isExact() {
            return lo == hi;
        }
    }

    /** @param reason in words that can stand in an alert's {@code why} */
    record Missing(String reason) implements Sample {}
}
