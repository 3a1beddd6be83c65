package io.inferwatch.collector.otlp;

import io.inferwatch.collector.otlp.MetricData.Kind;
import io.inferwatch.collector.otlp.MetricData.Temporality;
import io.inferwatch.collector.protobuf.ProtobufReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An {@code ExportMetricsServiceRequest} in protobuf. Field numbers: opentelemetry-proto 1.11, {@code metrics.proto}. What
 * stands before what it needs is read in a second pass over the same bytes.
 */
final class ProtobufMetrics {
    private final MetricData.Sink sink;

    private ProtobufMetrics(MetricData.Sink sink) {
        this.sink = sink;
    }

    static void read(byte[] body, MetricData.Sink sink) throws MalformedOtlpException {
        ProtobufMetrics metrics = new ProtobufMetrics(sink);
        ProtobufReader<MalformedOtlpException> in = MalformedOtlpException.inProtobuf(body);
        while (in.next()) {
            if (in.field() == 1) {
                metrics.resource(in.message());
            } else {
                in.skip();
            }
        }
    }

    private void resource(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        Map<String, Object> attributes = new HashMap<>();
        ProtobufReader<MalformedOtlpException> head = in.again();
        while (head.next()) {
            if (head.field() == 1) {
                ProtobufAttributes.read(head.message(), 1, attributes, MetricPoint.room(attributes));
            } else {
                head.skip();
            }
        }
        while (in.next()) {
            if (in.field() == 2) {
                scope(in.message(), attributes);
            } else {
                in.skip();
            }
        }
    }

    private void scope(ProtobufReader<MalformedOtlpException> in, Map<String, Object> resource)
            throws MalformedOtlpException {
        String scope = "";
        ProtobufReader<MalformedOtlpException> head = in.again();
        while (head.next()) {
            if (head.field() == 1) {
                scope = scopeName(head.message());
            } else {
                head.skip();
            }
        }
        while (in.next()) {
            if (in.field() == 2) {
                metric(in.message(), resource, scope);
            } else {
                in.skip();
            }
        }
    }

    private static String scopeName(ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        String name = "";
        String version = "";
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text(Attributes.MOST_TEXT_BYTES);
                case 2 -> version = in.text(Attributes.MOST_TEXT_BYTES);
                default -> in.skip();
            }
        }
        return name + '\0' + version;
    }

    private void metric(ProtobufReader<MalformedOtlpException> in, Map<String, Object> resource, String scope)
            throws MalformedOtlpException {
        String name = "";
        String unit = "";
        @Nullable Kind kind = null;
        ProtobufReader<MalformedOtlpException> data = in;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> name = in.text(Attributes.MOST_TEXT_BYTES);
                case 3 -> unit = in.text(Attributes.MOST_TEXT_BYTES);
                default -> {
                    Kind found = kind(in.field());
                    if (found == null) {
                        in.skip();
                    } else {
                        kind = found;
                        data = in.message();
                    }
                }
            }
        }
        if (kind != null && !name.isEmpty()) {
            data(new MetricData(name, unit, kind, Temporality.UNSPECIFIED, false, resource, scope, List.of()), data);
        }
    }

    private static @Nullable Kind kind(int field) {
        return switch (field) {
            case 5 -> Kind.GAUGE;
            case 7 -> Kind.SUM;
            case 9 -> Kind.HISTOGRAM;
            case 10 -> Kind.EXPONENTIAL_HISTOGRAM;
            case 11 -> Kind.SUMMARY;
            default -> null;
        };
    }

    private void data(MetricData head, ProtobufReader<MalformedOtlpException> in) throws MalformedOtlpException {
        List<MetricPoint> points = new ArrayList<>();
        boolean isKnown = MetricNames.isKnown(head.name());
        long temporality = 0;
        boolean isMonotonic = false;
        while (in.next()) {
            switch (in.field()) {
                case 1 -> {
                    ProtobufReader<MalformedOtlpException> point = in.message();
                    if (isKnown) {
                        sink.reserve();
                        points.add(point(head.kind(), point));
                    }
                }
                case 2 -> temporality = in.varint();
                case 3 -> isMonotonic = in.varint() != 0;
                default -> in.skip();
            }
        }
        sink.take(new MetricData(
                head.name(),
                head.unit(),
                head.kind(),
                Temporality.of(temporality),
                isMonotonic,
                head.resource(),
                head.scope(),
                points));
    }

    private static MetricPoint point(Kind kind, ProtobufReader<MalformedOtlpException> in)
            throws MalformedOtlpException {
        MetricPoint point = new MetricPoint();
        while (in.next()) {
            switch (kind) {
                case GAUGE, SUM -> number(in, point);
                case HISTOGRAM -> explicit(in, point);
                case EXPONENTIAL_HISTOGRAM -> exponential(in, point);
                case SUMMARY -> in.skip();
            }
        }
        return point;
    }

    private static void number(ProtobufReader<MalformedOtlpException> in, MetricPoint point)
            throws MalformedOtlpException {
        switch (in.field()) {
            case 2 -> point.startNanos = in.fixed64();
            case 3 -> point.timeNanos = in.fixed64();
            case 4 -> point.value = in.real();
            case 6 -> point.value = in.fixed64();
            case 7 -> ProtobufAttributes.keyValue(in.message(), point.attributes, MetricPoint.room(point.attributes));
            case 8 -> point.flags = in.varint();
            default -> in.skip();
        }
    }

    private static void explicit(ProtobufReader<MalformedOtlpException> in, MetricPoint point)
            throws MalformedOtlpException {
        switch (in.field()) {
            case 2 -> point.startNanos = in.fixed64();
            case 3 -> point.timeNanos = in.fixed64();
            case 4 -> point.count = in.fixed64();
            case 5 -> point.sum = in.real();
            case 6 -> {
                if (in.isDelimited()) {
                    ProtobufReader<MalformedOtlpException> packed = in.message();
                    while (packed.hasMore()) {
                        point.addCount(packed.fixed64Alone());
                    }
                } else {
                    point.addCount(in.fixed64());
                }
            }
            case 7 -> {
                if (in.isDelimited()) {
                    ProtobufReader<MalformedOtlpException> packed = in.message();
                    while (packed.hasMore()) {
                        point.addBound(Double.longBitsToDouble(packed.fixed64Alone()));
                    }
                } else {
                    point.addBound(in.real());
                }
            }
            case 9 -> ProtobufAttributes.keyValue(in.message(), point.attributes, MetricPoint.room(point.attributes));
            case 10 -> point.flags = in.varint();
            default -> in.skip();
        }
    }

    private static void exponential(ProtobufReader<MalformedOtlpException> in, MetricPoint point)
            throws MalformedOtlpException {
        switch (in.field()) {
            case 1 -> ProtobufAttributes.keyValue(in.message(), point.attributes, MetricPoint.room(point.attributes));
            case 2 -> point.startNanos = in.fixed64();
            case 3 -> point.timeNanos = in.fixed64();
            case 4 -> point.count = in.fixed64();
            case 5 -> point.sum = in.real();
            case 6 -> point.scale = (int) in.signed();
            case 7 -> point.zeroCount = in.fixed64();
            case 8 -> positive(in.message(), point);
            case 9 -> negative(in.message(), point);
            case 10 -> point.flags = in.varint();
            case 14 -> point.zeroThreshold = in.real();
            default -> in.skip();
        }
    }

    private static void positive(ProtobufReader<MalformedOtlpException> in, MetricPoint point)
            throws MalformedOtlpException {
        while (in.next()) {
            switch (in.field()) {
                case 1 -> point.offset = in.signed();
                case 2 -> {
                    if (in.isDelimited()) {
                        ProtobufReader<MalformedOtlpException> packed = in.message();
                        while (packed.hasMore()) {
                            point.addCount(packed.varintAlone());
                        }
                    } else {
                        point.addCount(in.varint());
                    }
                }
                default -> in.skip();
            }
        }
    }

    private static void negative(ProtobufReader<MalformedOtlpException> in, MetricPoint point)
            throws MalformedOtlpException {
        while (in.next()) {
            if (in.field() == 2 && in.isDelimited()) {
                ProtobufReader<MalformedOtlpException> packed = in.message();
                while (packed.hasMore()) {
                    point.hasNegative |= packed.varintAlone() != 0;
                }
            } else if (in.field() == 2) {
                point.hasNegative |= in.varint() != 0;
            } else {
                in.skip();
            }
        }
    }
}
