package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;

/**
 * The sample of one group.
 *
 * @param labels the group's values of the labels it was grouped by; one that its series lack is left out
 * @param over the range that was taken
 */
public record GroupSample(LabelSet labels, Sample sample, Duration over) {}
