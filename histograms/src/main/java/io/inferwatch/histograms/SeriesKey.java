package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;

/** Which series: the metric's catalogue name and the full label set. */
public record SeriesKey(String metric, LabelSet labels) {}
