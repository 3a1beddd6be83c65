package io.inferwatch.collector.otlp;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the state of a trace says of its sampling: {@code ot=th:fd70a4}, of which at most 14 hexadecimal digits are the part of 2⁵⁶
 * that was left out (OpenTelemetry, "TraceState: Probability Sampling").
 */
final class TraceState {
    private static final int DIGITS = 14;
    private static final double ALL = 1L << (4 * DIGITS);
    private static final double NANO_SHARES = 1e9;
    private static final Pattern THRESHOLD =
            Pattern.compile("(?:^|,)\\s*ot=(?:[^,]*;)?th:([0-9a-f]{1," + DIGITS + "})(?=[;,\\s]|$)");

    private TraceState() {}

    /** The share of such traces that was kept, in 10⁻⁹, at least 1; empty where it is not said. */
    static OptionalLong keptNanoShares(String traceState) {
        Matcher threshold = THRESHOLD.matcher(traceState);
        if (!threshold.find()) {
            return OptionalLong.empty();
        }
        String digits = threshold.group(1);
        long leftOut = Long.parseLong(digits, 16) << (4 * (DIGITS - digits.length()));
        return OptionalLong.of(Math.max(1, Math.round((ALL - leftOut) / ALL * NANO_SHARES)));
    }
}
