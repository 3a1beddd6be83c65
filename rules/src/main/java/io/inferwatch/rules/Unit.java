package io.inferwatch.rules;

import io.inferwatch.collector.catalogue.MetricUnit;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a signal's numbers are told in. Two units fit each other when they measure the same; numbers convert by scale.
 *
 * @param symbol as a message prints it; empty for a plain number
 * @param scale how much of the base unit (seconds, bytes, …) one of this is
 * @param dimensions base quantity → exponent; empty for plain numbers, counts, ratios and percent
 */
public record Unit(String symbol, BigDecimal scale, Map<String, Integer> dimensions) {
    public static final Unit NONE = new Unit("", BigDecimal.ONE, Map.of());
    public static final Unit COUNT = new Unit("count", BigDecimal.ONE, Map.of());
    public static final Unit RATIO = new Unit("ratio", BigDecimal.ONE, Map.of());
    /** So many times something else: a baseline, what an objective allows. */
    public static final Unit TIMES = new Unit("x", BigDecimal.ONE, Map.of());

    public static final Unit PERCENT = new Unit("%", new BigDecimal("0.01"), Map.of());
    public static final Unit MILLISECONDS = new Unit("ms", new BigDecimal("0.001"), Map.of("time", 1));
    public static final Unit SECONDS = new Unit("s", BigDecimal.ONE, Map.of("time", 1));
    public static final Unit DOLLARS = new Unit("$", BigDecimal.ONE, Map.of("money", 1));
    public static final Unit TOKENS = new Unit("tokens", BigDecimal.ONE, Map.of("token", 1));
    public static final Unit TOKENS_PER_SECOND = new Unit("tokens/s", BigDecimal.ONE, Map.of("token", 1, "time", -1));
    public static final Unit BYTES = new Unit("bytes", BigDecimal.ONE, Map.of("byte", 1));
    public static final Unit WATTS = new Unit("W", BigDecimal.ONE, Map.of("energy", 1, "time", -1));
    public static final Unit CELSIUS = new Unit("°C", BigDecimal.ONE, Map.of("temperature", 1));
    public static final Unit MEGAHERTZ = new Unit("MHz", new BigDecimal("1000000"), Map.of("cycle", 1, "time", -1));
    public static final Unit JOULES = new Unit("J", BigDecimal.ONE, Map.of("energy", 1));

    private static final Map<String, Unit> BY_NAME = byName();

    public Unit {
        dimensions = Map.copyOf(dimensions);
    }

    /** The words a signal's {@code unit} takes. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    public static Optional<Unit> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    public static Unit of(MetricUnit unit) {
        return switch (unit) {
            case MILLISECONDS -> MILLISECONDS;
            case SECONDS, NANOSECOND_SECONDS -> SECONDS;
            case PERCENT -> PERCENT;
            case RATIO -> RATIO;
            case DOLLARS -> DOLLARS;
            case TOKENS -> TOKENS;
            case BYTES -> BYTES;
            case COUNT, BOOLEAN -> COUNT;
            case WATTS -> WATTS;
            case CELSIUS -> CELSIUS;
            case MEGAHERTZ -> MEGAHERTZ;
            case JOULES, MICROJOULE_JOULES -> JOULES;
            case PUSHED -> NONE;
        };
    }

    /** Whether numbers in the two can be compared and added. */
    public boolean fits(Unit other) {
        return dimensions.equals(other.dimensions);
    }

    /** A number told in this unit, told in the other; the two must fit. */
    public BigDecimal convert(BigDecimal value, Unit to) {
        return value.multiply(scale).divide(to.scale, MathContext.DECIMAL64);
    }

    /** How many of the other one of this is; the two must fit. */
    public double factorTo(Unit other) {
        return convert(BigDecimal.ONE, other).doubleValue();
    }

    /** Whether a bare number is understood: {@code 0.7}, {@code 3}; a time or a temperature must say its unit. */
    public boolean takesBareNumbers() {
        return !equals(PERCENT)
                && (dimensions.isEmpty() || equals(TOKENS) || equals(TOKENS_PER_SECOND) || equals(BYTES));
    }

    /** The unit of a product, in base units. */
    public Unit times(Unit other) {
        return combined(other, 1);
    }

    /** The unit of a quotient, in base units. */
    public Unit per(Unit other) {
        return combined(other, -1);
    }

    /** What so much of this in every second is told in; the scale stays: {@code ms/s}. */
    public Unit perSecond() {
        Unit base = per(SECONDS);
        return scale.compareTo(BigDecimal.ONE) == 0 ? base : new Unit(symbol + "/s", scale, base.dimensions);
    }

    private Unit combined(Unit other, int sign) {
        Map<String, Integer> sum = new TreeMap<>(dimensions);
        other.dimensions.forEach((base, exponent) -> sum.merge(base, sign * exponent, Integer::sum));
        sum.values().removeIf(exponent -> exponent == 0);
        return ofDimensions(sum);
    }

    /** This unit's base unit: seconds for ms. */
    public Unit base() {
        return ofDimensions(dimensions);
    }

    private static Unit ofDimensions(Map<String, Integer> dimensions) {
        if (dimensions.isEmpty()) {
            return NONE;
        }
        for (Unit unit : BY_NAME.values()) {
            if (unit.scale.compareTo(BigDecimal.ONE) == 0 && unit.dimensions.equals(dimensions)) {
                return unit;
            }
        }
        return new Unit(symbolOf(dimensions), BigDecimal.ONE, dimensions);
    }

    private static String symbolOf(Map<String, Integer> dimensions) {
        StringBuilder above = new StringBuilder();
        StringBuilder below = new StringBuilder();
        new TreeMap<>(dimensions).forEach((base, exponent) -> {
            String name = base.equals("time") ? "s" : base.equals("money") ? "$" : base;
            (exponent > 0 ? above : below)
                    .append(exponent > 0 && above.isEmpty() ? "" : exponent > 0 ? "·" : "/")
                    .append(name)
                    .append(Math.abs(exponent) == 1 ? "" : String.valueOf(Math.abs(exponent)));
        });
        return above.append(below).toString();
    }

    private static Map<String, Unit> byName() {
        Map<String, Unit> units = new LinkedHashMap<>();
        units.put("ms", MILLISECONDS);
        units.put("s", SECONDS);
        units.put("ratio", RATIO);
        units.put("percent", PERCENT);
        units.put("usd", DOLLARS);
        units.put("tokens", TOKENS);
        units.put("tokens/s", TOKENS_PER_SECOND);
        units.put("bytes", BYTES);
        units.put("W", WATTS);
        units.put("C", CELSIUS);
        units.put("MHz", MEGAHERTZ);
        units.put("J", JOULES);
        units.put("count", COUNT);
        return units;
    }
}
