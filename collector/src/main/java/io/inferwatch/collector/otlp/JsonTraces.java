package io.inferwatch.collector.otlp;

import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** An {@code ExportTraceServiceRequest} in OTLP's JSON; ids are in hexadecimal. */
final class JsonTraces extends JsonMessage {
    private final SpanSink sink;

    private JsonTraces(JsonParser json, SpanSink sink) {
        super(json);
        this.sink = sink;
    }

    static void read(byte[] body, SpanSink sink) throws MalformedOtlpException {
        readBody(body, json -> new JsonTraces(json, sink));
    }

    @Override
    void message() throws IOException {
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
                            array(() -> keyValue(attributes, Attributes::isWanted));
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
                case "tracestate" -> span.traceState = text();
                case "parentspanid" -> span.parentId = id();
                case "kind" -> span.kind = kind();
                case "starttimeunixnano" -> span.startNanos = whole();
                case "endtimeunixnano" -> span.endNanos = whole();
                case "attributes" -> array(() -> keyValue(attributes, Attributes::isWanted));
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

    private String id() throws IOException {
        return text().toLowerCase(Locale.ROOT);
    }

    private int kind() throws IOException {
        return text().equals("SPAN_KIND_SERVER") ? Span.SERVER : (int) whole();
    }

    private int status() throws IOException {
        return text().equals("STATUS_CODE_ERROR") ? Span.ERROR : (int) whole();
    }
}
