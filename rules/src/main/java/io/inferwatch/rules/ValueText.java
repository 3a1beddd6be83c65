package io.inferwatch.rules;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/** Numbers as people read them: {@code 612 ms}, {@code 1.2 s}, {@code 4.1 %}, {@code 2.5 GiB}; three digits that count. */
public final class ValueText {
    private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_UP);
    private static final List<String> BYTE_UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");

    private ValueText() {}

    /** @param unit as {@link Unit#symbol} gives it */
    public static String format(double value, String unit) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        return switch (unit) {
            case "ratio" -> percent(value * 100);
            case "%" -> percent(value);
            case "ms" -> Math.abs(value) >= 999.5 ? seconds(value / 1000) : number(value) + " ms";
            case "s" -> Math.abs(value) < 1 && value != 0 ? number(value * 1000) + " ms" : seconds(value);
            case "$" -> dollars(value);
            case "bytes" -> bytes(value);
            case "x" -> number(value) + "x";
            case "", "count" -> number(value);
            default -> number(value) + " " + unit;
        };
    }

    /** The same without spaces, as {@code why} has it: {@code 600ms}. */
    public static String compact(double value, String unit) {
        return format(value, unit).replace(" ", "");
    }

    private static String seconds(double value) {
        return Math.abs(value) < 120 ? number(value) + " s" : number(value / 60) + " min";
    }

    /** What is not the whole never rounds to it. */
    private static String percent(double value) {
        boolean nearlyAll = value < 100 && value > 99.5;
        String text = nearlyAll
                ? BigDecimal.valueOf(value)
                        .setScale(3, RoundingMode.DOWN)
                        .stripTrailingZeros()
                        .toPlainString()
                : number(value);
        return text + " %";
    }

    private static String dollars(double value) {
        BigDecimal amount = BigDecimal.valueOf(value);
        int digits = Math.abs(value) >= 0.1 || value == 0 ? 2 : 4;
        return (value < 0 ? "-$" : "$") + String.format(Locale.ROOT, "%,." + digits + "f", amount.abs());
    }

    private static String bytes(double value) {
        double scaled = value;
        int unit = 0;
        while (Math.abs(scaled) >= 1024 && unit < BYTE_UNITS.size() - 1) {
            scaled /= 1024;
            unit++;
        }
        return number(scaled) + " " + BYTE_UNITS.get(unit);
    }

    /** Three digits that count, whole numbers in full up to a million. */
    private static String number(double value) {
        BigDecimal exact = BigDecimal.valueOf(value);
        boolean isWhole = value == Math.rint(value) && Math.abs(value) < 1e6;
        BigDecimal shown = isWhole || (Math.abs(value) >= 100 && Math.abs(value) < 1e6)
                ? exact.setScale(0, RoundingMode.HALF_UP)
                : exact.round(THREE_DIGITS);
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }
}
