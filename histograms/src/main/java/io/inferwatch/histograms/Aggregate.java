package io.inferwatch.histograms;

import java.math.BigDecimal;

/** What is made of the samples of a range. Which aggregate fits which metric kind stands in architecture §3. */
public sealed interface Aggregate {

    /** The value at rank ⌈p·n/100⌉. */
    record Percentile(BigDecimal p) implements Aggregate {}

    enum Basic implements Aggregate {
        AVG,
        MIN,
        MAX,
        SUM,
        COUNT,
        LAST,
        /** The sum per second of the range. */
        RATE,
        /** The same number as {@link #SUM}: what a counter grew by. */
        INCREASE,
        STDDEV
    }

    /** The share of samples strictly above the limit, which is in the metric's unit. */
    record ShareAbove(double limit) implements Aggregate {}

    /** The share of samples strictly below the limit, which is in the metric's unit. */
    record ShareBelow(double limit) implements Aggregate {}
}
