package io.inferwatch.collector.push;

import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestExtras;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.collector.identity.IdentityHash;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Request records. */
final class RequestKind implements RecordKind<RequestMeasurement.Builder> {
    private static final RecordSchema<RequestMeasurement.Builder> SCHEMA = schemaOfRequests();

    private final RequestMeasurement.Builder request = new RequestMeasurement.Builder();
    private final IdentityHash identities;

    RequestKind(IdentityHash identities) {
        this.identities = identities;
    }

    @Override
    public RecordSchema<RequestMeasurement.Builder> schema() {
        return SCHEMA;
    }

    @Override
    public RequestMeasurement.Builder begun(IntakeOptions options) {
        return request.clear().observer(options.observer());
    }

    @Override
    public Measurement finished(RequestMeasurement.Builder fields, Arrival arrival, BodyTally tally)
            throws RefusedRecordException {
        if (!fields.has(RequestText.MODEL)) {
            throw new RefusedRecordException(
                    Rejection.MISSING, "model", "model is missing; give the model as it is served");
        }
        atMost(fields, RequestAmount.TTFT, RequestAmount.LATENCY, Rejection.OUT_OF_ORDER);
        atMost(fields, RequestAmount.CACHED_TOKENS, RequestAmount.INPUT_TOKENS, Rejection.INCONSISTENT);
        OptionalLong own = fields.ownEpochMillis();
        if (own.isPresent() && arrival.placed(own.getAsLong(), tally).isEmpty()) {
            fields.placedAtArrival();
        }
        fields.deriveTpot();
        hide(fields, RequestText.USER);
        hide(fields, RequestText.SESSION);
        return fields.build();
    }

    private static void atMost(
            RequestMeasurement.Builder fields, RequestAmount part, RequestAmount whole, Rejection otherwise)
            throws RefusedRecordException {
        if (fields.has(part) && fields.has(whole) && fields.steps(part) > fields.steps(whole)) {
            throw new RefusedRecordException(
                    otherwise,
                    part.field(),
                    part.field() + " of "
                            + FieldReader.plain(fields.steps(part), part.steps().decimals())
                            + " is above " + whole.field() + " of "
                            + FieldReader.plain(
                                    fields.steps(whole), whole.steps().decimals())
                            + "; give " + whole.field() + " as the whole");
        }
    }

    private void hide(RequestMeasurement.Builder fields, RequestText text) {
        String name = fields.textOrNull(text);
        if (name != null) {
            identities
                    .kept(text.field(), name)
                    .ifPresentOrElse(kept -> fields.text(text, kept), () -> fields.without(text));
        }
    }

    private static RecordSchema<RequestMeasurement.Builder> schemaOfRequests() {
        RecordSchema.Builder<RequestMeasurement.Builder> schema = new RecordSchema.Builder<>();
        for (RequestText text : RequestText.values()) {
            schema.field(
                    text.field(),
                    (field, value, into) ->
                            value.sharedText(field, FieldReader.MOST_TEXT).ifPresent(given -> into.text(text, given)));
        }
        for (RequestAmount amount : RequestAmount.values()) {
            RequestAmount.Steps steps = amount.steps();
            schema.field(
                    amount.field(),
                    (field, value, into) ->
                            into.amount(amount, value.steps(field, steps.decimals(), steps.lowest(), steps.highest())));
        }
        return schema.field(
                        "request_id",
                        (field, value, into) -> value.text(field, RequestMeasurement.MAX_ID_LENGTH)
                                .ifPresent(into::id))
                .field(
                        "attempt",
                        (field, value, into) -> into.attempt((int) value.steps(field, 0, 1, Integer.MAX_VALUE)))
                .field("time", (field, value, into) -> into.ownEpochMillis(TimeField.epochMillis(field, value)))
                .field("stream", (field, value, into) -> into.stream(value.bool(field)))
                .field("outcome", (field, value, into) -> into.outcome(outcome(field, value)))
                .field("labels", (field, value, into) -> into.extras(labels(field, value, into.extras())))
                .field("safety_flags", (field, value, into) -> into.extras(flags(field, value, into.extras())))
                .field("gpu_uuids", (field, value, into) -> into.extras(gpus(field, value, into.extras())))
                .field("params", (field, value, into) -> into.extras(params(field, value, into.extras())))
                .build();
    }

    private static Outcome outcome(String field, FieldReader value)
            throws MalformedRecordException, RefusedRecordException {
        String word = value.sharedText(field, FieldReader.MOST_TEXT).orElse("");
        Optional<Outcome> outcome = Outcome.ofLabel(word);
        if (outcome.isEmpty()) {
            String hint = NearestName.among(Outcome.labels(), word)
                    .map(near -> "; did you mean \"" + near + "\"?")
                    .orElse("");
            throw new RefusedRecordException(
                    Rejection.UNKNOWN_VALUE,
                    field,
                    field + " is \"" + FieldReader.cut(word) + "\"" + hint + "; give one of "
                            + String.join(", ", Outcome.labels()));
        }
        return outcome.get();
    }

    private static RequestExtras labels(String field, FieldReader value, RequestExtras others)
            throws MalformedRecordException, RefusedRecordException {
        Map<String, String> labels = value.labels(field);
        return new RequestExtras(labels, others.safetyFlags(), others.gpuUuids(), others.paramsJson());
    }

    private static RequestExtras flags(String field, FieldReader value, RequestExtras others)
            throws MalformedRecordException, RefusedRecordException {
        List<String> flags = value.list(field);
        return new RequestExtras(others.labels(), flags, others.gpuUuids(), others.paramsJson());
    }

    private static RequestExtras gpus(String field, FieldReader value, RequestExtras others)
            throws MalformedRecordException, RefusedRecordException {
        List<String> gpus = value.list(field);
        return new RequestExtras(others.labels(), others.safetyFlags(), gpus, others.paramsJson());
    }

    private static RequestExtras params(String field, FieldReader value, RequestExtras others)
            throws MalformedRecordException, RefusedRecordException {
        Optional<String> params = Optional.of(value.json(field));
        return new RequestExtras(others.labels(), others.safetyFlags(), others.gpuUuids(), params);
    }
}
