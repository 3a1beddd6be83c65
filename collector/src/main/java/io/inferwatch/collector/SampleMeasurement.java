package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * One value of one metric, as it was pushed or as the sidecar measures itself.
 *
 * @param labels all of them become labels of the series
 * @param scaledValue in the steps of the metric's unit; negative only where the metric is signed
 * @param weight how many samples of this value it stands for, at least 1
 * @param ownEpochMillis when it was measured; without it the sample counts as of its arrival
 */
public record SampleMeasurement(
        Metric metric, LabelSet labels, long scaledValue, long weight, OptionalLong ownEpochMillis, Origin origin)
        implements Measurement {
    public SampleMeasurement {
        if (weight < 1) {
            throw new IllegalArgumentException(metric.name() + ": a sample weighs at least 1, but got " + weight);
        }
        if (scaledValue < 0 && !metric.signed()) {
            throw new IllegalArgumentException(metric.name() + " takes no negative value, but got " + scaledValue);
        }
    }

    /** One sample. */
    public SampleMeasurement(
            Metric metric, LabelSet labels, long scaledValue, OptionalLong ownEpochMillis, Origin origin) {
        this(metric, labels, scaledValue, 1, ownEpochMillis, origin);
    }

    /**
     * What tells it from every other sample of its request: all that was sent. The same again is a retry, while another
     * evaluator, another value or another time is another sample. Empty when it names no request.
     */
    public Optional<String> identity() {
        return origin.requestId.map(request -> {
            StringJoiner parts = new StringJoiner("\0");
            parts.add(request).add(metric.name()).add(Long.toString(scaledValue));
            parts.add(ownEpochMillis.isPresent() ? Long.toString(ownEpochMillis.getAsLong()) : "");
            parts.add(origin.evaluator.orElse("")).add(origin.evaluatorVersion.orElse(""));
            labels.asMap().forEach((name, value) -> parts.add(name).add(value));
            return parts.toString();
        });
    }

    /**
     * Where the sample comes from.
     *
     * @param requestId the request it judges
     * @param samplingRateNanos the share of such requests that was judged, in 10⁻⁹
     */
    public record Origin(
            Optional<String> requestId,
            OptionalLong samplingRateNanos,
            Optional<String> evaluator,
            Optional<String> evaluatorVersion) {
        public static final Origin UNKNOWN =
                new Origin(Optional.empty(), OptionalLong.empty(), Optional.empty(), Optional.empty());
    }
}
