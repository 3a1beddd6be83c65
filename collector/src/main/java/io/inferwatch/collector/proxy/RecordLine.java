package io.inferwatch.collector.proxy;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Optional;
import java.util.OptionalLong;

/** A record of a request as a line of NDJSON, in the fields in which records are pushed: how it goes to another process. */
public final class RecordLine {
    private static final JsonFactory JSON = new JsonFactory();

    private RecordLine() {}

    /** @param finishedEpochMillis when the request finished, where the record does not say */
    public static byte[] of(RequestMeasurement request, long finishedEpochMillis) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeNumberField("time", request.ownEpochMillis().orElse(finishedEpochMillis));
            Optional<String> id = request.id();
            if (id.isPresent()) {
                json.writeStringField("request_id", id.get());
            }
            json.writeNumberField("attempt", request.attempt());
            json.writeStringField("outcome", request.outcome().label());
            Optional<Boolean> stream = request.stream();
            if (stream.isPresent()) {
                json.writeBooleanField("stream", stream.get());
            }
            for (RequestText text : RequestText.values()) {
                Optional<String> value = request.text(text);
                if (value.isPresent()) {
                    json.writeStringField(text.field(), value.get());
                }
            }
            for (RequestAmount amount : RequestAmount.values()) {
                OptionalLong steps = request.amount(amount);
                if (steps.isPresent()) {
                    json.writeNumberField(
                            amount.field(),
                            BigDecimal.valueOf(steps.getAsLong(), amount.steps().decimals()));
                }
            }
            json.writeEndObject();
            json.writeRaw('\n');
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes what is written", e);
        }
        return out.toByteArray();
    }
}
