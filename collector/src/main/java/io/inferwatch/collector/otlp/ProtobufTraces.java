package io.inferwatch.collector.otlp;

import io.inferwatch.collector.protobuf.ProtobufReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * An {@code ExportTraceServiceRequest} in protobuf. Field numbers: opentelemetry-proto 1.11, {@code trace.proto},
 * {@code common.proto}, {@code resource.proto}.
 */
final class ProtobufTraces {
    private final SpanSink sink;

    private ProtobufTraces(SpanSink sink) {
        this.sink = sink;
    }

    static void read(byte[] body, SpanSink sink) throws MalformedOtlpException {
        ProtobufTraces traces = new ProtobufTraces(sink);
        ProtobufReader<MalformedOtlpException> in = MalformedOtlpException.inProtobuf(body);
        while (in.next()) {
            if (in.field() == 1) {
                traces.resource(in.message());
            } else {
                in.skip();
            }
        }
    }

    private void resource(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        Map<String, Object> attributes = new HashMap<>();
        List<Span> spans = new ArrayList<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> ProtobufAttributes.read(in.message(), 1, attributes, Attributes::isWanted);
                case 2 -> scope(in.message(), spans);
                default -> in.skip();
            }
        }
        for (Span span : spans) {
            span.inherit(attributes);
            sink.take(span);
        }
    }

    private static void scope(ProtobufReader<MalformedOtlpException> in, List<Span> spans)
            throws MalformedOtlpException {
        while (in.next()) {
            if (in.field() == 2) {
                spans.add(span(in.message()));
            } else {
                in.skip();
            }
        }
    }

    private static Span span(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        Span span = new Span();
        Map<String, Object> attributes = new HashMap<>();
        while (in.next()) {
            switch (in.field()) {
                case 1 -> span.traceId = in.hex(Attributes.MOST_ID_BYTES);
                case 2 -> span.spanId = in.hex(Attributes.MOST_ID_BYTES);
                case 3 -> span.traceState = in.text(Attributes.MOST_TEXT_BYTES);
                case 4 -> span.parentId = in.hex(Attributes.MOST_ID_BYTES);
                case 6 -> span.kind = (int) in.varint();
                case 7 -> span.startNanos = in.fixed64();
                case 8 -> span.endNanos = in.fixed64();
                case 9 -> ProtobufAttributes.keyValue(in.message(), attributes, Attributes::isWanted);
                case 11 -> event(in.message(), span);
                case 15 -> span.status = status(in.message());
                default -> in.skip();
            }
        }
        attributes.forEach(span::put);
        return span;
    }

    private static void event(ProtobufReader<MalformedOtlpException> in, Span span) throws MalformedOtlpException {
        long nanos = 0;
        String name = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> nanos = in.fixed64();
                case 2 -> name = in.text(Attributes.MOST_TEXT_BYTES);
                default -> in.skip();
            }
        }
        span.event(name, nanos);
    }

    private static int status(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        int code = 0;
        while (in.next()) {
            if (in.field() == 3) {
                code = (int) in.varint();
            } else {
                in.skip();
            }
        }
        return code;
    }
}
