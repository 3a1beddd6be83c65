package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.gpu.FieldReading;
import io.inferwatch.gpu.GpuPoll;
import io.inferwatch.gpu.GpuVerdict;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a poll says, as measurements: the values the driver gave, and a gap for the time a GPU did not answer. Counters
 * become what was added since the poll before; a new driver generation starts them anew. Not thread-safe.
 */
final class GpuReadings {
    private static final Logger LOG = LoggerFactory.getLogger(GpuReadings.class);

    /** Past any host's; servers come and go. */
    private static final int MOST_LABEL_SETS = 4_096;

    private record CounterKey(String uuid, Metric metric, LabelSet labels) {}

    /** What the labels of a series are made of. */
    private record LabelKey(Map<String, String> own, Optional<String> server) {}

    private record CounterLevel(int generation, long scaled) {}

    private final Map<String, Instant> lastPollByUuid = new HashMap<>();
    private final Map<CounterKey, CounterLevel> counters = new HashMap<>();

    /** Made once: a poll has some fifty series, and their labels are the same each second. */
    private final Map<LabelKey, LabelSet> labelSets = new HashMap<>();

    private long refused;

    /** Values that fit no catalogue entry, since the start. */
    long refused() {
        return refused;
    }

    List<Measurement> of(GpuPoll poll) {
        List<Measurement> measurements = new ArrayList<>(2);
        List<GpuMeasurement.Values> values = new ArrayList<>();
        for (FieldReading field : poll.readings()) {
            if (field.reading() instanceof Reading.Value<Samples> value) {
                values(poll, field, value.value()).ifPresent(values::add);
            }
        }
        String uuid = poll.gpu().uuid();
        if (!values.isEmpty()) {
            measurements.add(
                    new GpuMeasurement(poll.gpu().index(), uuid, poll.at().toEpochMilli(), values));
        }
        Instant last = lastPollByUuid.put(uuid, poll.at());
        if (!answers(poll.verdict()) && last != null) {
            measurements.add(
                    new SourceGap("gpu/" + uuid, last, poll.at(), poll.verdict().reason()));
        }
        return measurements;
    }

    private static boolean answers(GpuVerdict verdict) {
        return switch (verdict.state()) {
            case HEALTHY, DEGRADED, FAILING -> true;
            case LOST, DRIVER_UNRESPONSIVE -> false;
        };
    }

    private Optional<GpuMeasurement.Values> values(GpuPoll poll, FieldReading field, Samples samples) {
        Metric metric = MetricCatalogue.find(field.field().metric()).orElse(null);
        if (metric == null) {
            refuse("is not in the catalogue", field, samples);
            return Optional.empty();
        }
        if (metric.kind() == MetricKind.COUNTER) {
            OptionalLong added = added(poll, field, metric, samples);
            return added.isPresent()
                    ? Optional.of(new GpuMeasurement.Values(metric, labels(poll, field), added.getAsLong()))
                    : Optional.empty();
        }
        long[] scaled = new long[samples.count()];
        int count = 0;
        for (int i = 0; i < samples.count(); i++) {
            long steps = steps(metric, samples.at(i));
            if (steps < 0 && !metric.signed()) {
                refuse("takes no negative value", field, samples);
            } else {
                scaled[count++] = steps;
            }
        }
        return count == 0
                ? Optional.empty()
                : Optional.of(new GpuMeasurement.Values(metric, labels(poll, field), Arrays.copyOf(scaled, count)));
    }

    private OptionalLong added(GpuPoll poll, FieldReading field, Metric metric, Samples samples) {
        long level = steps(metric, samples.last());
        CounterKey key = new CounterKey(poll.gpu().uuid(), metric, labels(Optional.empty(), field));
        CounterLevel before = counters.put(key, new CounterLevel(poll.generation(), level));
        boolean isSameEpoch = before != null && before.generation == poll.generation() && before.scaled <= level;
        return isSameEpoch ? OptionalLong.of(level - before.scaled) : OptionalLong.empty();
    }

    private static long steps(Metric metric, double value) {
        return Math.round(value * metric.unit().stepsPerUnit());
    }

    private void refuse(String why, FieldReading field, Samples samples) {
        // A value a second would fill the log: say it once, count the rest.
        if (refused++ == 0) {
            LOG.warn(
                    "GPU reading {} {}: {} is dropped; further ones are counted",
                    field.field().metric(),
                    why,
                    samples);
        }
    }

    /** With the server that uses the GPU; it is no part of a counter's key, so that a counter does not begin anew under it. */
    private LabelSet labels(GpuPoll poll, FieldReading field) {
        return labels(poll.server(), field);
    }

    private LabelSet labels(Optional<String> server, FieldReading field) {
        if (labelSets.size() > MOST_LABEL_SETS) {
            labelSets.clear();
        }
        return labelSets.computeIfAbsent(new LabelKey(field.labels(), server), key -> {
            LabelSet own = LabelSet.of(key.own());
            return key.server()
                    .map(name -> own.plus(LabelSet.of("server", name)))
                    .orElse(own);
        });
    }
}
