package io.inferwatch.collector.catalogue;

import java.util.List;

/**
 * One catalogue entry.
 *
 * @param name for example {@code llm.ttft}
 * @param signed whether negative values are kept
 * @param addsUp for a gauge: whether several series answer with their sum (bytes, watts) or merge (percent, °C)
 * @param latency whether it answers for {@code outcome: success} unless an outcome is asked for
 * @param definition what is measured, in one phrase
 * @param labels the labels its series may carry, those of every series ({@code host}) aside
 */
public record Metric(
        String name,
        MetricKind kind,
        MetricUnit unit,
        boolean signed,
        boolean addsUp,
        boolean latency,
        String definition,
        List<String> labels) {
    public Metric {
        labels = List.copyOf(labels);
    }
}
