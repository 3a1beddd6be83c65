package io.inferwatch.histograms;

/**
 * One 10 s window of one series on its way to the store.
 *
 * @param startEpochMillis aligned to 10 s
 * @param amendment {@code false}: {@code data} is all that the records up to {@code appliedThrough} brought, and replaces
 *     a stored row of a smaller number. {@code true}: late records came for a window that was handed over before;
 *     {@code data} is what the records after the stored row's number brought, and the store merges the two
 * @param appliedThrough the last record that went into it; written only over a row of a smaller number
 */
public record ClosedWindow(
        SeriesKey series, long startEpochMillis, boolean amendment, long appliedThrough, WindowData data) {}
