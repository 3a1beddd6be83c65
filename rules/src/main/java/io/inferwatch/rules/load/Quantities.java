package io.inferwatch.rules.load;

import io.inferwatch.rules.Unit;
import io.inferwatch.rules.yaml.ByteSizes;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers with units as people write them ({@code 500ms 60% 2GiB $4 90C}), told in the unit of what they limit. */
final class Quantities {
    private static final Pattern FORM =
            Pattern.compile("([-+]?)(\\$?)(\\d{1,15}(?:\\.\\d{1,12})?(?:[eE][-+]?\\d{1,2})?)\\s?([A-Za-z%°µ/]*)");
    private static final Map<String, Unit> SUFFIXES = suffixes();

    private final Problems problems;

    Quantities(Problems problems) {
        this.problems = problems;
    }

    /**
     * @param of what the number limits, named in the problem
     * @param unit the unit it is wanted in
     */
    OptionalDouble read(Scalar scalar, String of, Unit unit) {
        Matcher matcher = FORM.matcher(scalar.text().strip());
        if (!matcher.matches()
                || (!matcher.group(2).isEmpty() && !matcher.group(4).isEmpty())) {
            problems.error(scalar, "\"" + scalar.text() + "\" is no number with a unit");
            return OptionalDouble.empty();
        }
        BigDecimal number = new BigDecimal(matcher.group(1) + matcher.group(3));
        String suffix = matcher.group(2) + matcher.group(4);
        if (suffix.isEmpty()) {
            return bare(scalar, number, of, unit);
        }
        Unit written = SUFFIXES.get(suffix);
        if (written == null) {
            problems.error(scalar, "unknown unit \"" + suffix + "\"");
            return OptionalDouble.empty();
        }
        if (written.equals(Unit.TIMES) != unit.equals(Unit.TIMES)) {
            String message = "unit \"" + suffix + "\" does not fit " + of + " (" + nameOf(unit) + ")";
            problems.error(
                    scalar,
                    message,
                    unit.equals(Unit.TIMES)
                            ? "write a multiple such as 3x"
                            : "a multiple needs compare with as: times, or a burn_rate");
            return OptionalDouble.empty();
        }
        boolean isPercentOfNothing = suffix.equals("%") && !unit.equals(Unit.RATIO) && !unit.equals(Unit.PERCENT);
        if (!written.fits(unit) || isPercentOfNothing) {
            String message = "unit \"" + suffix + "\" does not fit " + of + " (" + nameOf(unit) + ")";
            if (unit.equals(Unit.NONE)) {
                problems.error(scalar, message, "give the signal a unit");
            } else {
                problems.error(scalar, message);
            }
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(written.convert(number, unit).doubleValue());
    }

    private OptionalDouble bare(Scalar scalar, BigDecimal number, String of, Unit unit) {
        if (number.signum() == 0 || unit.takesBareNumbers()) {
            return OptionalDouble.of(number.doubleValue());
        }
        String symbol = unit.equals(Unit.CELSIUS) ? "C" : unit.symbol();
        String hint = symbol.equals("$") ? "$" + scalar.text() : scalar.text() + symbol;
        problems.error(scalar, scalar.text() + " has no unit; " + of + " is in " + nameOf(unit), "write " + hint);
        return OptionalDouble.empty();
    }

    private static String nameOf(Unit unit) {
        return unit.symbol().isEmpty() ? "a plain number" : unit.symbol();
    }

    private static Map<String, Unit> suffixes() {
        Map<String, Unit> units = new HashMap<>();
        units.put("us", scaled(Unit.SECONDS, "0.000001"));
        units.put("µs", scaled(Unit.SECONDS, "0.000001"));
        units.put("ms", Unit.MILLISECONDS);
        units.put("s", Unit.SECONDS);
        units.put("m", scaled(Unit.SECONDS, "60"));
        units.put("h", scaled(Unit.SECONDS, "3600"));
        units.put("d", scaled(Unit.SECONDS, "86400"));
        units.put("%", Unit.PERCENT);
        units.put("x", Unit.TIMES);
        units.put("$", Unit.DOLLARS);
        units.put("tokens", Unit.TOKENS);
        units.put("tokens/s", Unit.TOKENS_PER_SECOND);
        units.put("C", Unit.CELSIUS);
        units.put("°C", Unit.CELSIUS);
        units.put("W", Unit.WATTS);
        units.put("kW", scaled(Unit.WATTS, "1000"));
        units.put("MHz", Unit.MEGAHERTZ);
        units.put("GHz", scaled(Unit.MEGAHERTZ, "1000000000"));
        units.put("J", Unit.JOULES);
        units.put("kJ", scaled(Unit.JOULES, "1000"));
        ByteSizes.UNITS.forEach((name, bytes) -> units.put(name, scaled(Unit.BYTES, String.valueOf(bytes))));
        return Map.copyOf(units);
    }

    private static Unit scaled(Unit unit, String scale) {
        return new Unit(unit.symbol(), new BigDecimal(scale), unit.dimensions());
    }
}
