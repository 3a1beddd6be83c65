package io.inferwatch.collector.push;

import com.fasterxml.jackson.core.JsonToken;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Samples of metrics that senders name. */
final class SampleKind implements RecordKind<SampleKind.Fields> {
    private static final RecordSchema<Fields> SCHEMA = schemaOfSamples();
    private static final int RATE_DECIMALS = 9;
    private static final long WHOLE_RATE = 1_000_000_000L;

    private final LabelSet always;
    private final Decimal decimal = new Decimal();

    /** @param always the labels of every series, which no sample may set */
    SampleKind(LabelSet always) {
        this.always = always;
    }

    /** The fields of one sample. */
    static final class Fields {
        private @Nullable String metric;

        /** Kept as digits: how many decimals count depends on the metric, which may come later. */
        private char @Nullable [] value;

        private Map<String, String> labels = Map.of();
        private OptionalLong ownEpochMillis = OptionalLong.empty();
        private Optional<String> requestId = Optional.empty();
        private OptionalLong samplingRateNanos = OptionalLong.empty();
        private Optional<String> evaluator = Optional.empty();
        private Optional<String> evaluatorVersion = Optional.empty();
    }

    @Override
    public RecordSchema<Fields> schema() {
        return SCHEMA;
    }

    @Override
    public Fields begun(IntakeOptions options) {
        return new Fields();
    }

    @Override
    public Measurement finished(Fields fields, Arrival arrival, BodyTally tally) throws RefusedRecordException {
        Metric metric = metric(fields.metric);
        long scaled = scaled(fields.value, metric);
        checkLabels(fields.labels);
        OptionalLong own = fields.ownEpochMillis.isPresent()
                ? arrival.placed(fields.ownEpochMillis.getAsLong(), tally)
                : OptionalLong.empty();
        SampleMeasurement.Origin origin = new SampleMeasurement.Origin(
                fields.requestId, fields.samplingRateNanos, fields.evaluator, fields.evaluatorVersion);
        return new SampleMeasurement(metric, LabelSet.of(fields.labels), scaled, own, origin);
    }

    private static Metric metric(@Nullable String name) throws RefusedRecordException {
        if (name == null) {
            throw new RefusedRecordException(Rejection.MISSING, "metric", "metric is missing; name what was measured");
        }
        boolean isPushed = MetricCatalogue.PUSHED_PREFIXES.stream().anyMatch(name::startsWith);
        Optional<Metric> metric = isPushed ? MetricCatalogue.find(name) : Optional.empty();
        if (metric.isEmpty()) {
            throw new RefusedRecordException(
                    Rejection.UNKNOWN_METRIC,
                    "metric",
                    "metric is \"" + FieldReader.cut(name) + "\"; a metric of your own begins with one of "
                            + String.join(" ", MetricCatalogue.PUSHED_PREFIXES)
                            + " and goes on in small letters, digits, _ . -");
        }
        return metric.get();
    }

    private long scaled(char @Nullable [] value, Metric metric) throws RefusedRecordException {
        if (value == null) {
            throw new RefusedRecordException(Rejection.MISSING, "value", "value is missing; give a number");
        }
        int decimals = Long.toString(metric.unit().stepsPerUnit()).length() - 1;
        decimal.read(value, 0, value.length, decimals);
        long highest = metric.unit().highestScaled();
        String echo = FieldReader.cut(new String(value));
        return FieldReader.steps("value", decimal, echo, decimals, metric.signed() ? -highest : 0, highest);
    }

    private void checkLabels(Map<String, String> labels) throws RefusedRecordException {
        for (String name : labels.keySet()) {
            if (CollectorConfig.Labels.RESERVED.contains(name)
                    || always.get(name).isPresent()) {
                throw new RefusedRecordException(
                        Rejection.INVALID_LABEL,
                        "labels." + name,
                        "labels." + name + " is set by Inferwatch on every series; use another name");
            }
        }
    }

    private static RecordSchema<Fields> schemaOfSamples() {
        return new RecordSchema.Builder<Fields>()
                .field(
                        "metric",
                        (field, value, into) -> into.metric =
                                value.sharedText(field, FieldReader.MOST_TEXT).orElse(null))
                .field("value", (field, value, into) -> into.value = digits(field, value))
                .field("labels", (field, value, into) -> into.labels = value.labels(field))
                .field(
                        "time",
                        (field, value, into) ->
                                into.ownEpochMillis = OptionalLong.of(TimeField.epochMillis(field, value)))
                .field(
                        "request_id",
                        (field, value, into) -> into.requestId = value.text(field, RequestMeasurement.MAX_ID_LENGTH))
                .field(
                        "sampling_rate",
                        (field, value, into) -> into.samplingRateNanos =
                                OptionalLong.of(value.steps(field, RATE_DECIMALS, 1, WHOLE_RATE)))
                .field(
                        "evaluator",
                        (field, value, into) -> into.evaluator = value.sharedText(field, FieldReader.MOST_TEXT))
                .field(
                        "evaluator_version",
                        (field, value, into) -> into.evaluatorVersion = value.sharedText(field, FieldReader.MOST_TEXT))
                .build();
    }

    private static char[] digits(String field, FieldReader value)
            throws MalformedRecordException, RefusedRecordException {
        JsonToken token = value.tokens().current();
        if (!token.isNumeric()) {
            throw value.wrongType(field, "a number");
        }
        int from = value.tokens().charsOffset();
        return Arrays.copyOfRange(
                value.tokens().chars(), from, from + value.tokens().charsLength());
    }
}
