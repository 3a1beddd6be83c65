package io.inferwatch.histograms;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;

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

    /** Why this aggregate means nothing on this metric; empty where it does. */
    static Optional<String> misfit(Metric metric, Aggregate aggregate) {
        return switch (aggregate) {
            case Percentile percentile ->
                percentile.p().signum() < 0 || percentile.p().compareTo(BigDecimal.valueOf(100)) > 0
                        ? Optional.of("percentile " + percentile.p().toPlainString() + " is not within 0 and 100")
                        : Optional.empty();
            case ShareAbove above -> misfitLimit(above.limit());
            case ShareBelow below -> misfitLimit(below.limit());
            case Basic basic ->
                switch (basic) {
                    case SUM, COUNT, RATE, INCREASE ->
                        metric.kind() == MetricKind.GAUGE
                                ? Optional.of("\"" + basic.name().toLowerCase(Locale.ROOT) + "\" means nothing on "
                                        + metric.name()
                                        + ", which is a gauge; ask for avg, min, max, last or a percentile")
                                : Optional.empty();
                    case AVG, MIN, MAX, LAST, STDDEV -> Optional.empty();
                };
        };
    }

    private static Optional<String> misfitLimit(double limit) {
        return Double.isFinite(limit) ? Optional.empty() : Optional.of("the limit " + limit + " is not a number");
    }
}
