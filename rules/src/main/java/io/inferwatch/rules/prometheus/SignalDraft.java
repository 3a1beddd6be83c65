package io.inferwatch.rules.prometheus;

import io.inferwatch.collector.catalogue.MetricUnit;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A signal to be written, and how the numbers of the expression it stands for become its own.
 *
 * @param body the YAML after its name, without braces
 * @param by its labels
 * @param unit what its limits are told in
 * @param factor how many of its unit one of the expression's is
 * @param family the metric's name there
 * @param kind what can be made of two of them
 * @param over its window
 * @param offset how long ago, where that is longer than a signal may be delayed
 */
record SignalDraft(
        String body,
        List<String> by,
        MetricUnit unit,
        double factor,
        String family,
        Kind kind,
        Duration over,
        Optional<Duration> offset) {

    /** What the expression is. */
    enum Kind {
        GAUGE,
        /** What a counter grew by: of two a ratio can be made. */
        GROWTH,
        /** How many samples a histogram took. */
        HISTOGRAM_COUNT,
        /** What they came to; of use only over their count. */
        HISTOGRAM_SUM,
        OTHER
    }

    SignalDraft {
        by = List.copyOf(by);
    }

    SignalDraft with(String newBody, Kind newKind, double newFactor, MetricUnit newUnit) {
        return new SignalDraft(newBody, by, newUnit, newFactor, family, newKind, over, offset);
    }

    /** A limit of the expression as one of the signal. */
    String limit(double value) {
        BigDecimal own = new BigDecimal(value * factor, new MathContext(12, RoundingMode.HALF_EVEN));
        String number = own.setScale(Math.min(12, Math.max(0, own.scale())), RoundingMode.HALF_EVEN)
                .stripTrailingZeros()
                .toPlainString();
        return switch (unit) {
            case MILLISECONDS -> number + "ms";
            case SECONDS, NANOSECOND_SECONDS -> number + "s";
            case PERCENT -> number + "%";
            case DOLLARS -> own.signum() < 0 ? number : "$" + number;
            case WATTS -> number + "W";
            case CELSIUS -> number + "C";
            case MEGAHERTZ -> number + "MHz";
            case JOULES, MICROJOULE_JOULES -> number + "J";
            case RATIO, TOKENS, BYTES, COUNT, BOOLEAN, PUSHED -> number;
        };
    }
}
