package io.inferwatch.notifier.conversation;

import io.inferwatch.rules.LeafEvidence;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.OptionalDouble;

/** One leaf's evidence as a line people read: {@code ttft_p95=612ms > 500ms for 5m (412 samples) ▁▂▅▇}. */
final class WhyLine {
    private WhyLine() {}

    static String of(LeafEvidence leaf) {
        StringBuilder line = new StringBuilder(leaf.leaf());
        if (leaf.threshold().isEmpty()) {
            // It asks after another rule: there is no number.
            line.append(' ').append(leaf.op());
        } else {
            line.append('=').append(leaf.value().isPresent() ? number(leaf.value(), leaf.unit()) : "missing");
            line.append(' ').append(leaf.op()).append(' ').append(number(leaf.threshold(), leaf.unit()));
        }
        if (leaf.result().isEmpty()) {
            line.append(" unknown").append(leaf.reason().isEmpty() ? "" : ": " + leaf.reason());
        } else {
            line.append(leaf.result().get() ? "" : " not met").append(" for ").append(duration(leaf.held()));
        }
        if (leaf.samples() > 0) {
            line.append(" (").append(leaf.samples()).append(leaf.samples() == 1 ? " sample)" : " samples)");
        }
        if (leaf.baseline().isPresent()) {
            line.append(" (");
            if (leaf.measured().isPresent()) {
                line.append(number(leaf.measured(), leaf.measuredUnit())).append(' ');
            }
            line.append("against baseline ")
                    .append(number(leaf.baseline(), leaf.measuredUnit()))
                    .append(')');
        }
        return leaf.spark().isEmpty()
                ? line.toString()
                : line.append(' ').append(leaf.spark()).toString();
    }

    private static String number(OptionalDouble number, String unit) {
        double value = number.orElseThrow();
        String digits = Double.isFinite(value) ? rounded(value) : Double.toString(value);
        return digits + (unit.length() > 2 ? " " : "") + unit;
    }

    /** Whole numbers in full, others to four significant digits. */
    private static String rounded(double value) {
        BigDecimal exact = BigDecimal.valueOf(value);
        BigDecimal shown = Math.abs(value) >= 1000
                ? exact.setScale(0, RoundingMode.HALF_EVEN)
                : exact.round(new MathContext(4, RoundingMode.HALF_EVEN));
        return shown.signum() == 0 ? "0" : shown.stripTrailingZeros().toPlainString();
    }

    static String duration(Duration held) {
        long seconds = Math.max(0, held.toSeconds());
        if (seconds < 60) {
            return seconds + "s";
        }
        if (seconds < 3600) {
            return seconds / 60 + "m" + (seconds % 60 == 0 ? "" : seconds % 60 + "s");
        }
        long minutes = seconds / 60;
        return minutes / 60 + "h" + (minutes % 60 == 0 ? "" : minutes % 60 + "m");
    }
}
