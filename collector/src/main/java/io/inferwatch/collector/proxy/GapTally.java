package io.inferwatch.collector.proxy;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.proxy.answer.GapCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The times between chunks of the answers that ended lately, over all requests of a server and a model: told once a second as a
 * sample a distinct time, so that their number hardly grows with the traffic. One thread.
 */
final class GapTally {
    private static final Metric INTER_CHUNK = MetricCatalogue.require("llm.inter_chunk");
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final int MANY_LABEL_SETS = 1_000;

    private final Map<LabelSet, GapCounts> byLabels = new HashMap<>();
    private long toldNanos;
    private boolean hasTold;

    /** The gaps of a request that has ended. */
    void add(RequestMeasurement request, GapCounts gaps) {
        if (gaps.isEmpty()) {
            return;
        }
        LabelSet labels = LabelSet.of(
                "server", request.text(RequestText.SERVER).orElse(""),
                "model", request.model(),
                "outcome", request.outcome().label(),
                "observer", request.observer().label());
        byLabels.computeIfAbsent(labels, made -> new GapCounts()).addAll(gaps);
    }

    /** Whether a second has passed since the last telling, by the clock of the relay, or there is much to tell. */
    boolean isDue(long nowNanos) {
        return byLabels.size() >= MANY_LABEL_SETS
                || (!byLabels.isEmpty() && (!hasTold || nowNanos - toldNanos >= EVERY.toNanos()));
    }

    /** What there is, which is then forgotten. */
    List<Measurement> told(long nowNanos) {
        hasTold = true;
        toldNanos = nowNanos;
        List<Measurement> samples = new ArrayList<>();
        byLabels.forEach((labels, gaps) -> gaps.forEach((micros, count) -> samples.add(new SampleMeasurement(
                INTER_CHUNK, labels, micros, count, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN))));
        byLabels.clear();
        return samples;
    }
}
