package io.inferwatch.collector.otlp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes the same spans in both forms of OTLP. */
final class SpanWriter {
    private final List<Written> spans = new ArrayList<>();
    private boolean haveFailed;
    private String traceState = "";

    record Written(
            String trace, String id, String parent, int kind, long start, long end, Map<String, Object> attributes) {}

    SpanWriter span(String id, String parent, int kind, long start, long end, Object... attributes) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            map.put((String) attributes[i], attributes[i + 1]);
        }
        spans.add(new Written("0af7651916cd43dd8448eb211c80319c", id, parent, kind, start, end, map));
        return this;
    }

    /** All of them, as their status says. */
    SpanWriter failed() {
        haveFailed = true;
        return this;
    }

    /** All of them, as their {@code tracestate} says. */
    SpanWriter sampled(String newTraceState) {
        traceState = newTraceState;
        return this;
    }

    byte[] json() {
        String all = spans.stream()
                .map(s -> "{\"traceId\":\"" + s.trace + "\",\"spanId\":\"" + s.id + "\",\"traceState\":\"" + traceState
                        + "\",\"parentSpanId\":\"" + s.parent
                        + "\",\"name\":\"n\",\"kind\":" + s.kind + ",\"startTimeUnixNano\":\"" + s.start
                        + "\",\"endTimeUnixNano\":\"" + s.end + "\",\"attributes\":["
                        + s.attributes.entrySet().stream()
                                .map(e -> "{\"key\":\"" + e.getKey() + "\",\"value\":" + jsonValue(e.getValue()) + "}")
                                .collect(Collectors.joining(","))
                        + "]" + (haveFailed ? ",\"status\":{\"code\":2}}" : "}"))
                .collect(Collectors.joining(","));
        return ("{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\",\"value\":"
                        + "{\"stringValue\":\"engine-1\"}}]},\"scopeSpans\":[{\"spans\":[" + all + "]}]}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String jsonValue(Object value) {
        return switch (value) {
            case Long number -> "{\"intValue\":\"" + number + "\"}";
            case Double number -> "{\"doubleValue\":" + number + "}";
            case Boolean bool -> "{\"boolValue\":" + bool + "}";
            case List<?> list ->
                list.stream()
                        .map(SpanWriter::jsonValue)
                        .collect(Collectors.joining(",", "{\"arrayValue\":{\"values\":[", "]}}"));
            default -> "{\"stringValue\":\"" + value + "\"}";
        };
    }

    byte[] protobuf() {
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        for (Written s : spans) {
            ByteArrayOutputStream span = new ByteArrayOutputStream();
            bytes(span, 1, HexFormat.of().parseHex(s.trace));
            bytes(span, 2, HexFormat.of().parseHex(s.id));
            bytes(span, 3, traceState.getBytes(StandardCharsets.UTF_8));
            bytes(span, 4, HexFormat.of().parseHex(s.parent));
            bytes(span, 5, "n".getBytes(StandardCharsets.UTF_8));
            varint(span, 6, s.kind);
            fixed(span, 7, s.start);
            fixed(span, 8, s.end);
            s.attributes.forEach((key, value) -> bytes(span, 9, keyValue(key, value)));
            if (haveFailed) {
                ByteArrayOutputStream status = new ByteArrayOutputStream();
                varint(status, 3, Span.ERROR);
                bytes(span, 15, status.toByteArray());
            }
            bytes(scope, 2, span.toByteArray());
        }
        ByteArrayOutputStream resourceSpans = new ByteArrayOutputStream();
        bytes(resourceSpans, 2, scope.toByteArray());
        ByteArrayOutputStream resource = new ByteArrayOutputStream();
        bytes(resource, 1, keyValue("service.name", "engine-1"));
        bytes(resourceSpans, 1, resource.toByteArray());
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        bytes(all, 1, resourceSpans.toByteArray());
        return all.toByteArray();
    }

    private static byte[] keyValue(String key, Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        bytes(out, 1, key.getBytes(StandardCharsets.UTF_8));
        bytes(out, 2, any(value));
        return out.toByteArray();
    }

    private static byte[] any(Object value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        switch (value) {
            case Long number -> varint(out, 3, number);
            case Double number -> fixed(out, 4, Double.doubleToRawLongBits(number));
            case Boolean bool -> varint(out, 2, bool ? 1 : 0);
            case List<?> list -> {
                ByteArrayOutputStream values = new ByteArrayOutputStream();
                list.forEach(each -> bytes(values, 1, any(each)));
                bytes(out, 5, values.toByteArray());
            }
            default -> bytes(out, 1, value.toString().getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        Wire.raw(out, (long) field << 3 | 2);
        Wire.raw(out, value.length);
        out.writeBytes(value);
    }

    private static void varint(ByteArrayOutputStream out, int field, long value) {
        Wire.raw(out, (long) field << 3);
        Wire.raw(out, value);
    }

    private static void fixed(ByteArrayOutputStream out, int field, long value) {
        Wire.raw(out, (long) field << 3 | 1);
        Wire.little(out, value);
    }
}
