package io.inferwatch.api.http;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricUnit;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Limits as people write them ({@code 500ms}, {@code 95%}, {@code 2GiB}), brought into a metric's unit. Pure. */
final class Quantities {
    private static final Pattern FORM = Pattern.compile("([+-]?\\d{1,15}(?:\\.\\d{1,12})?)\\s?([A-Za-z%$]*)");

    /** Suffix → how much of the unit it is. */
    private static final Map<MetricUnit, Map<String, BigDecimal>> SUFFIXES = Map.ofEntries(
            Map.entry(MetricUnit.MILLISECONDS, times()),
            Map.entry(MetricUnit.SECONDS, seconds()),
            Map.entry(MetricUnit.NANOSECOND_SECONDS, seconds()),
            Map.entry(MetricUnit.PERCENT, Map.of("", BigDecimal.ONE, "%", BigDecimal.ONE)),
            Map.entry(MetricUnit.RATIO, Map.of("", BigDecimal.ONE, "%", new BigDecimal("0.01"))),
            Map.entry(MetricUnit.DOLLARS, Map.of("", BigDecimal.ONE, "$", BigDecimal.ONE, "usd", BigDecimal.ONE)),
            Map.entry(MetricUnit.TOKENS, Map.of("", BigDecimal.ONE, "tokens", BigDecimal.ONE)),
            Map.entry(MetricUnit.BYTES, bytes()),
            Map.entry(MetricUnit.COUNT, Map.of("", BigDecimal.ONE)),
            Map.entry(MetricUnit.BOOLEAN, Map.of("", BigDecimal.ONE)),
            Map.entry(MetricUnit.WATTS, Map.of("", BigDecimal.ONE, "W", BigDecimal.ONE)),
            Map.entry(MetricUnit.CELSIUS, Map.of("", BigDecimal.ONE, "C", BigDecimal.ONE)),
            Map.entry(MetricUnit.MEGAHERTZ, Map.of("", BigDecimal.ONE, "MHz", BigDecimal.ONE)),
            Map.entry(MetricUnit.JOULES, Map.of("", BigDecimal.ONE, "J", BigDecimal.ONE)),
            Map.entry(MetricUnit.PUSHED, Map.of("", BigDecimal.ONE)));

    private Quantities() {}

    /** @throws ProblemException naming the parameter, the value and the metric's unit */
    static double inUnitOf(Metric metric, String parameter, String text) {
        Matcher matcher = FORM.matcher(text.strip());
        Optional<BigDecimal> factor = matcher.matches()
                ? Optional.ofNullable(
                        SUFFIXES.getOrDefault(metric.unit(), Map.of()).get(matcher.group(2)))
                : Optional.empty();
        return factor.map(f -> f.multiply(new BigDecimal(matcher.group(1))).doubleValue())
                .orElseThrow(() -> ProblemException.badRequest(parameter + ": \"" + text + "\" does not fit "
                        + metric.name() + ", which is in "
                        + (metric.unit().symbol().isEmpty()
                                ? "its sender's unit"
                                : metric.unit().symbol())));
    }

    private static Map<String, BigDecimal> times() {
        return Map.of(
                "",
                BigDecimal.ONE,
                "us",
                new BigDecimal("0.001"),
                "ms",
                BigDecimal.ONE,
                "s",
                BigDecimal.valueOf(1_000),
                "m",
                BigDecimal.valueOf(60_000),
                "h",
                BigDecimal.valueOf(3_600_000));
    }

    private static Map<String, BigDecimal> seconds() {
        return Map.of(
                "",
                BigDecimal.ONE,
                "ms",
                new BigDecimal("0.001"),
                "s",
                BigDecimal.ONE,
                "m",
                BigDecimal.valueOf(60),
                "h",
                BigDecimal.valueOf(3_600));
    }

    private static Map<String, BigDecimal> bytes() {
        return Map.of(
                "", BigDecimal.ONE,
                "B", BigDecimal.ONE,
                "KiB", BigDecimal.valueOf(1L << 10),
                "MiB", BigDecimal.valueOf(1L << 20),
                "GiB", BigDecimal.valueOf(1L << 30),
                "TiB", BigDecimal.valueOf(1L << 40));
    }
}
