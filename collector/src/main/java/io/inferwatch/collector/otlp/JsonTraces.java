package io.inferwatch.collector.otlp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@code ExportTraceServiceRequest} in OTLP's JSON: ids in hexadecimal, 64-bit numbers as text or as numbers, members in
 * any order, under their camelCase or their protobuf names; unknown ones are passed over.
 */
final class JsonTraces {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(64)
                    .maxNameLength(1 << 10)
                    .maxNumberLength(40)
                    .build())
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    /** Reads the value of a member; the parser stands at its first token. */
    private interface Member {
        void read(String name) throws IOException;
    }

    private final JsonParser json;
    private final SpanSink sink;

    private JsonTraces(JsonParser json, SpanSink sink) {
        this.json = json;
        this.sink = sink;
    }

    static void read(byte[] body, SpanSink sink) throws MalformedOtlpException {
        try (JsonParser json = JSON.createParser(body)) {
            json.nextToken();
            new JsonTraces(json, sink).traces();
            if (json.nextToken() != null) {
                throw new MalformedOtlpException("the body goes on after its end; send one JSON object");
            }
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

    private void traces() throws IOException {
        object(name -> {
            if (name.equals("resourcespans")) {
                array(this::resource);
            }
        });
    }

    private void resource() throws IOException {
        Map<String, Object> attributes = new HashMap<>();
        List<Span> spans = new ArrayList<>();
        object(name -> {
            switch (name) {
                case "resource" ->
                    object(inner -> {
                        if (inner.equals("attributes")) {
                            array(() -> keyValue(attributes));
                        }
                    });
                case "scopespans", "instrumentationlibraryspans" -> array(() -> scope(spans));
                default -> {}
            }
        });
        for (Span span : spans) {
            span.inherit(attributes);
            sink.take(span);
        }
    }

    private void scope(List<Span> spans) throws IOException {
        object(name -> {
            if (name.equals("spans")) {
                array(() -> spans.add(span()));
            }
        });
    }

    private Span span() throws IOException {
        Span span = new Span();
        Map<String, Object> attributes = new HashMap<>();
        object(name -> {
            switch (name) {
                case "traceid" -> span.traceId = id();
                case "spanid" -> span.spanId = id();
                case "parentspanid" -> span.parentId = id();
                case "kind" -> span.kind = kind();
                case "starttimeunixnano" -> span.startNanos = whole();
                case "endtimeunixnano" -> span.endNanos = whole();
                case "attributes" -> array(() -> keyValue(attributes));
                case "events" -> array(() -> event(span));
                case "status" ->
                    object(inner -> {
                        if (inner.equals("code")) {
                            span.status = status();
                        }
                    });
                default -> {}
            }
        });
        attributes.forEach(span::put);
        return span;
    }

    private void event(Span span) throws IOException {
        String[] eventName = {""};
        long[] nanos = {0};
        object(name -> {
            switch (name) {
                case "name" -> eventName[0] = text();
                case "timeunixnano" -> nanos[0] = whole();
                default -> {}
            }
        });
        span.event(eventName[0], nanos[0]);
    }

    private void keyValue(Map<String, Object> into) throws IOException {
        String[] key = {""};
        @Nullable Object[] value = {null};
        object(name -> {
            switch (name) {
                case "key" -> key[0] = text();
                case "value" -> value[0] = anyValue();
                default -> {}
            }
        });
        if (value[0] != null && Attributes.isWanted(key[0])) {
            into.put(key[0], value[0]);
        }
    }

    /** Of an array the first; of anything that is no plain value, nothing. */
    private @Nullable Object anyValue() throws IOException {
        @Nullable Object[] value = {null};
        object(name -> {
            switch (name) {
                case "stringvalue" -> value[0] = text();
                case "boolvalue" -> value[0] = json.currentToken() == JsonToken.VALUE_TRUE;
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

    private void object(Member member) throws IOException {
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

    private interface Element {
        void read() throws IOException;
    }

    private void array(Element element) throws IOException {
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

    private String text() throws IOException {
        String text = json.currentToken() == JsonToken.VALUE_STRING ? json.getText() : "";
        return text.length() <= Span.MOST_TEXT ? text : "";
    }

    private String id() throws IOException {
        return text().toLowerCase(Locale.ROOT);
    }

    private int kind() throws IOException {
        return text().equals("SPAN_KIND_SERVER") ? Span.SERVER : (int) whole();
    }

    private int status() throws IOException {
        return text().equals("STATUS_CODE_ERROR") ? Span.ERROR : (int) whole();
    }

    private long whole() throws IOException {
        if (json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
            return json.getLongValue();
        }
        String text = text();
        return text.matches("-?\\d{1,18}|[1-8]\\d{18}") ? Long.parseLong(text) : 0;
    }

    private @Nullable Double real() throws IOException {
        return json.currentToken().isNumeric() ? json.getDoubleValue() : null;
    }
}
