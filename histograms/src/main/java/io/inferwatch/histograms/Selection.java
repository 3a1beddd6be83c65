package io.inferwatch.histograms;

import io.inferwatch.collector.catalogue.Metric;
import java.util.List;
import java.util.Optional;

/**
 * Which series, and how they are grouped. A latency metric means {@code outcome: success} unless {@code outcome} stands
 * in {@code where} or {@code by}; the store sees to that, callers do not.
 *
 * @param by the labels that make groups; empty: everything that matches is one group
 * @param observer one observer by name; empty: per server and metric the best one present
 */
public record Selection(
        Metric metric, List<LabelMatcher> where, List<String> by, Across across, Optional<String> observer) {
    public Selection {
        where = List.copyOf(where);
        by = List.copyOf(by);
    }
}
