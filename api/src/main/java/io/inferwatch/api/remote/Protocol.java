package io.inferwatch.api.remote;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one way of sending metrics asks for: the form of a body, its headers, and which refusals are for now only. */
public interface Protocol {
    /** In messages. */
    String name();

    /** Bodies as they go over the wire, in the order they are to be sent. One thread. */
    List<byte[]> bodies(MetricSnapshots snapshots, Instant now);

    /** Of every request. */
    Map<String, String> headers();

    /** Whether a body that was answered with this status is sent again. */
    boolean isRetried(int status);

    /** What a receiver left out of a body that it took, in its words. */
    default Optional<String> leftOut(String answer) {
        return Optional.empty();
    }
}
