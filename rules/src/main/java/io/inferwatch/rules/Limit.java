package io.inferwatch.rules;

import java.util.OptionalDouble;

/**
 * The comparison of a condition, in its signal's unit.
 *
 * @param upper the upper bound of {@code outside}; empty otherwise
 * @param clearAbove a tier that fired lets go only past this; may stand beside {@code clearBelow} for {@code outside}
 */
public record Limit(
        Operator operator,
        double threshold,
        OptionalDouble upper,
        OptionalDouble clearAbove,
        OptionalDouble clearBelow) {

    /** How a value is compared with the threshold. */
    public enum Operator {
        ABOVE("above", ">"),
        BELOW("below", "<"),
        AT_LEAST("at_least", ">="),
        AT_MOST("at_most", "<="),
        EQUALS("equals", "=="),
        OUTSIDE("outside", "outside");

        private final String key;
        private final String symbol;

        Operator(String key, String symbol) {
            this.key = key;
            this.symbol = symbol;
        }

        public String key() {
            return key;
        }

        public String symbol() {
            return symbol;
        }

        /** Whether larger values are worse. */
        public boolean isUpward() {
            return this == ABOVE || this == AT_LEAST;
        }

        /** Whether smaller values are worse. */
        public boolean isDownward() {
            return this == BELOW || this == AT_MOST;
        }
    }

    public static Limit of(Operator operator, double threshold) {
        return new Limit(operator, threshold, OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty());
    }

    public boolean isBreachedBy(double value) {
        return switch (operator) {
            case ABOVE -> value > threshold;
            case BELOW -> value < threshold;
            case AT_LEAST -> value >= threshold;
            case AT_MOST -> value <= threshold;
            case EQUALS -> value == threshold;
            case OUTSIDE -> value < threshold || value > upper.orElse(threshold);
        };
    }

    public boolean hasClear() {
        return clearAbove.isPresent() || clearBelow.isPresent();
    }

    /** What keeps a fired tier: without a clear value the breach itself, else all that is not past it. */
    public boolean isHeldBy(double value) {
        if (!hasClear()) {
            return isBreachedBy(value);
        }
        return (clearAbove.isPresent() && value <= clearAbove.getAsDouble())
                || (clearBelow.isPresent() && value >= clearBelow.getAsDouble());
    }

    /** Three-valued over the range {@code [low, high]} the true value lies in: what holds for all of it, or UNKNOWN. */
    public Truth over(double low, double high, boolean held) {
        boolean atLow = held ? isHeldBy(low) : isBreachedBy(low);
        boolean atHigh = held ? isHeldBy(high) : isBreachedBy(high);
        if (low == high) {
            return Truth.of(atLow);
        }
        return switch (operator) {
            case ABOVE, AT_LEAST, BELOW, AT_MOST -> atLow == atHigh ? Truth.of(atLow) : Truth.UNKNOWN;
            case EQUALS ->
                hasClear() && held
                        ? (atLow == atHigh ? Truth.of(atLow) : Truth.UNKNOWN)
                        : low <= threshold && threshold <= high ? Truth.UNKNOWN : Truth.FALSE;
            case OUTSIDE -> atLow == atHigh && isOnOneSide(low, high) ? Truth.of(atLow) : Truth.UNKNOWN;
        };
    }

    /** Both ends outside may have the good range between them. */
    private boolean isOnOneSide(double low, double high) {
        double up = upper.orElse(threshold);
        return high < threshold || low > up || (low >= threshold && high <= up);
    }
}
