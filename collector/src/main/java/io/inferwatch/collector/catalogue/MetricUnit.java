package io.inferwatch.collector.catalogue;

/** The unit a metric is told in, and the integer scale its histograms count in. */
public enum MetricUnit {
    MILLISECONDS("ms", 1_000L, 3_600_000_000L),
    SECONDS("s", 1_000_000L, Long.MAX_VALUE / 4),
    NANOSECOND_SECONDS("s", 1_000_000_000L, Long.MAX_VALUE / 4),
    PERCENT("%", 10_000L, Long.MAX_VALUE / 4),
    RATIO("ratio", 10_000L, Long.MAX_VALUE / 4),
    DOLLARS("$", 1_000_000_000L, Long.MAX_VALUE / 4),
    TOKENS("tokens", 1L, Long.MAX_VALUE / 4),
    BYTES("bytes", 1L, Long.MAX_VALUE / 4),
    COUNT("count", 1L, Long.MAX_VALUE / 4),
    BOOLEAN("0/1", 1L, 1L),
    WATTS("W", 1_000L, Long.MAX_VALUE / 4),
    CELSIUS("C", 1_000L, Long.MAX_VALUE / 4),
    MEGAHERTZ("MHz", 1_000L, Long.MAX_VALUE / 4),
    JOULES("J", 1_000L, Long.MAX_VALUE / 4),
    /** For what a single token takes: hundredths of a joule. */
    MICROJOULE_JOULES("J", 1_000_000L, Long.MAX_VALUE / 4),
    /** A pushed sample: the sender knows its unit. */
    PUSHED("", 1_000_000L, Long.MAX_VALUE / 4);

    private final String symbol;
    private final long stepsPerUnit;
    private final long highestScaled;

    MetricUnit(String symbol, long stepsPerUnit, long highestScaled) {
        this.symbol = symbol;
        this.stepsPerUnit = stepsPerUnit;
        this.highestScaled = highestScaled;
    }

    /** As the catalogue and every answer print it. */
    public String symbol() {
        return symbol;
    }

    /** How many integer steps one unit has: 1,000 for ms, which are counted in µs. */
    public long stepsPerUnit() {
        return stepsPerUnit;
    }

    /** The highest scaled value a histogram of this unit counts; a larger one is clamped to it and flagged. */
    public long highestScaled() {
        return highestScaled;
    }

    /** How many base units (seconds, ratios, hertz; else itself) one unit is: 0.001 for ms. */
    public double baseUnits() {
        return switch (this) {
            case MILLISECONDS -> 1e-3;
            case PERCENT -> 1e-2;
            case MEGAHERTZ -> 1e6;
            case SECONDS,
                    NANOSECOND_SECONDS,
                    RATIO,
                    DOLLARS,
                    TOKENS,
                    BYTES,
                    COUNT,
                    BOOLEAN,
                    WATTS,
                    CELSIUS,
                    JOULES,
                    MICROJOULE_JOULES,
                    PUSHED -> 1;
        };
    }

    /** @param scaled an integer in steps; the result is in base units */
    public double toBaseUnits(long scaled) {
        return this == MILLISECONDS ? scaled / 1e6 : fromScaled((double) scaled) * baseUnits();
    }

    /** @param scaled an integer in steps; the result is in this unit */
    public double fromScaled(double scaled) {
        return scaled / stepsPerUnit;
    }
}
