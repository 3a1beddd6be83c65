package io.inferwatch.histograms;

/**
 * The {@code histograms} keys of the configuration, and those of {@code collector} that bound series.
 *
 * @param maxBytes what all windows in memory may take together
 * @param maxSeriesPerMetric live series of one metric; past it new ones go into the overflow series
 * @param maxSeries live series of all metrics together
 */
public record HistogramsConfig(long maxBytes, int maxSeriesPerMetric, int maxSeries) {
    private static final long LEAST_BYTES = 4L << 20;

    public static final HistogramsConfig DEFAULT = new HistogramsConfig(64L << 20, 2_000, 50_000);

    /** @throws IllegalArgumentException naming the key, the value and what it should be */
    public HistogramsConfig {
        if (maxBytes < LEAST_BYTES) {
            throw new IllegalArgumentException("histograms.max_bytes: " + maxBytes + " is below 4MiB");
        }
        if (maxSeriesPerMetric < 1) {
            throw new IllegalArgumentException(
                    "collector.max_series_per_metric: " + maxSeriesPerMetric + " is below 1");
        }
        if (maxSeries < maxSeriesPerMetric) {
            throw new IllegalArgumentException("collector.max_series: " + maxSeries
                    + " is below collector.max_series_per_metric, which is " + maxSeriesPerMetric);
        }
    }
}
