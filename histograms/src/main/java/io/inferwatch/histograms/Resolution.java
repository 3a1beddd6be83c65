package io.inferwatch.histograms;

/** How wide a stored window is. Only 10 s windows are ever live; coarser ones are merged from stored rows. */
public enum Resolution {
    TEN_SECONDS(10_000L),
    MINUTE(60_000L),
    TEN_MINUTES(600_000L),
    HOUR(3_600_000L);

    private final long millis;

    Resolution(long millis) {
        this.millis = millis;
    }

    public long millis() {
        return millis;
    }

    /** The start of the window, aligned to UTC, that holds this moment. */
    public long startOf(long epochMillis) {
        return Math.floorDiv(epochMillis, millis) * millis;
    }
}
