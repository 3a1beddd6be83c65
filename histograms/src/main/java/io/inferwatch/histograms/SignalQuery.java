package io.inferwatch.histograms;

import java.time.Duration;

/**
 * What a rule's signal asks for at each tick.
 *
 * @param over the range, ending at the tick less {@code delay}
 * @param overAtMost equal to {@code over}, or the longest range that may be taken to reach {@code minSamples}
 * @param minSamples fewer samples answer {@link Sample.Missing}
 */
public record SignalQuery(
        Selection selection,
        Aggregate aggregate,
        Duration over,
        Duration overAtMost,
        long minSamples,
        Duration delay) {}
