package io.inferwatch.collector.push;

import com.fasterxml.jackson.core.JsonToken;
import java.util.OptionalLong;

/** The field {@code time}: RFC 3339 or epoch milliseconds. Stateless. */
final class TimeField {
    private static final int MOST_CHARS = 64;

    /** The last millisecond of the year 9999, which is as far as RFC 3339 goes. */
    private static final long LAST_EPOCH_MILLIS = 253_402_300_799_999L;

    private TimeField() {}

    static long epochMillis(String field, FieldReader value) throws MalformedRecordException, RefusedRecordException {
        if (value.tokens().current() != JsonToken.VALUE_STRING) {
            if (!value.tokens().current().isNumeric()) {
                throw value.wrongType(field, "an RFC 3339 time or epoch milliseconds");
            }
            return value.steps(field, 0, 0, LAST_EPOCH_MILLIS);
        }
        String text = value.text(field, MOST_CHARS).orElse("");
        OptionalLong time = Rfc3339.epochMillis(text);
        if (time.isEmpty()) {
            throw new RefusedRecordException(
                    Rejection.INVALID_TIME,
                    field,
                    field + " is \"" + FieldReader.cut(text)
                            + "\"; give it as 2026-11-20T09:30:00Z or in epoch milliseconds");
        }
        return time.getAsLong();
    }
}
