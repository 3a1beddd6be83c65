package io.inferwatch.collector.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A message in OTLP's JSON: 64-bit numbers as text or as numbers, members in any order, under their camelCase or their
 * protobuf names; unknown ones are passed over. Names come to a reader in small letters without underscores.
 */
abstract class JsonMessage {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNameLength(1 << 10)
                    .maxNumberLength(40)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    /** Reads the value of a member; the parser stands at its first token. */
    interface Member {
        void read(String name) throws IOException;
    }

    /** Reads an element of an array; the parser stands at its first token. */
    interface Element {
        void read() throws IOException;
    }

    /** Makes the reader of a body. */
    interface Reader {
        JsonMessage of(JsonParser json);
    }

    final JsonParser json;

    JsonMessage(JsonParser json) {
        this.json = json;
    }

    /** Reads the whole message; the parser stands at its first token. */
    abstract void message() throws IOException;

    static void readBody(byte[] body, Reader reader) throws MalformedOtlpException {
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            reader.of(json).message();
            if (json.nextToken() != null) {
                throw new MalformedOtlpException("the body goes on after its end; send one JSON object");
            }
        } catch (MalformedOtlpException e) {
            throw e;
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " at line " + e.getLocation().getLineNr() + ", column "
                            + e.getLocation().getColumnNr();
            throw new MalformedOtlpException("the body is no OTLP in JSON" + where + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new MalformedOtlpException("the body is no OTLP in JSON: " + e.getMessage());
        }
    }

    /** @param isWanted which attributes are kept */
    final void keyValue(Map<String, Object> into, Predicate<String> isWanted) throws IOException {
        String[] key = {""};
        @Nullable Object[] value = {null};
        object(name -> {
            switch (name) {
                case "key" -> key[0] = text();
                case "value" -> value[0] = anyValue();
                default -> {}
            }
        });
        if (value[0] != null && isWanted.test(key[0])) {
            into.put(key[0], value[0]);
        }
    }

    /** Of an array the first; of anything that is no plain value, nothing. */
    private @Nullable Object anyValue() throws IOException {
        @Nullable Object[] value = {null};
        object(name -> {
            switch (name) {
                case "stringvalue" -> value[0] = text();
                case "boolvalue" -> value[0] = bool();
                case "intvalue" -> value[0] = whole();
                case "doublevalue" -> value[0] = real();
                case "arrayvalue" ->
                    object(inner -> {
                        if (inner.equals("values")) {
                            array(() -> {
                                Object each = anyValue();
                                value[0] = value[0] == null ? each : value[0];
                            });
                        }
                    });
                default -> {}
            }
        });
        return value[0];
    }

    final void object(Member member) throws IOException {
        require(JsonToken.START_OBJECT, "an object");
        while (json.nextToken() != JsonToken.END_OBJECT) {
            String name = json.currentName().replace("_", "").toLowerCase(Locale.ROOT);
            json.nextToken();
            if (json.currentToken() != JsonToken.VALUE_NULL) {
                member.read(name);
            }
            // Nothing where the member was read: then the parser stands at its end.
            json.skipChildren();
        }
    }

    final void array(Element element) throws IOException {
        require(JsonToken.START_ARRAY, "an array");
        while (json.nextToken() != JsonToken.END_ARRAY) {
            element.read();
        }
    }

    private void require(JsonToken wanted, String what) throws IOException {
        if (json.currentToken() != wanted) {
            throw new IOException("line " + json.currentLocation().getLineNr() + ", column "
                    + json.currentLocation().getColumnNr() + " holds no " + what.substring(what.indexOf(' ') + 1));
        }
    }

    final String text() throws IOException {
        String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
        return text.length() <= Span.MOST_TEXT ? text : "";
    }

    final long whole() throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return json.getLongValue();
        }
        String text = text();
        return text.matches("-?\\d{1,18}|[1-8]\\d{18}") ? Long.parseLong(text) : 0;
    }

    final @Nullable Double real() throws IOException {
        return json.currentToken().isNumeric() ? json.getDoubleValue() : null;
    }

    final boolean bool() {
        return json.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** A number, or one as text; NaN for anything else. */
    final double number() throws IOException {
        if (json.currentToken().isNumeric()) {
            return json.getDoubleValue();
        }
        try {
            return Double.parseDouble(text());
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }
}
