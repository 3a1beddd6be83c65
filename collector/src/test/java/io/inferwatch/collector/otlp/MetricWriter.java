package io.inferwatch.collector.otlp;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Writes the same metric in both forms of OTLP, as exporters do. */
final class MetricWriter {
    static final int DELTA = 1;
    static final int CUMULATIVE = 2;

    private final String name;
    private final String unit;
    private final int kind;
    private int temporality = CUMULATIVE;
    private String service = "engine-1";
    private boolean isMonotonic = true;
    private final List<Point> points = new ArrayList<>();

    private static final int GAUGE = 5;
    private static final int SUM = 7;
    private static final int HISTOGRAM = 9;
    private static final int EXPONENTIAL = 10;

    /** One data point; what a kind has not is left out. */
    private static final class Point {
        long start;
        long time;
        Map<String, String> attributes = Map.of();
        double value;
        long count;
        double sum;
        double[] bounds = {};
        long[] counts = {};
        int scale;
        int offset;
        long zeros;
    }

    private MetricWriter(String name, String unit, int kind) {
        this.name = name;
        this.unit = unit;
        this.kind = kind;
    }

    static MetricWriter histogram(String name, String unit) {
        return new MetricWriter(name, unit, HISTOGRAM);
    }

    static MetricWriter exponential(String name, String unit) {
        return new MetricWriter(name, unit, EXPONENTIAL);
    }

    static MetricWriter gauge(String name) {
        return new MetricWriter(name, "", GAUGE);
    }

    static MetricWriter sum(String name) {
        return new MetricWriter(name, "", SUM);
    }

    MetricWriter delta() {
        temporality = DELTA;
        return this;
    }

    MetricWriter temporality(int number) {
        temporality = number;
        return this;
    }

    MetricWriter upAndDown() {
        isMonotonic = false;
        return this;
    }

    MetricWriter from(String serviceName) {
        service = serviceName;
        return this;
    }

    private Point added(long start, long time, String... attributes) {
        Point point = new Point();
        point.start = start;
        point.time = time;
        point.attributes = new TreeMap<>();
        for (int i = 0; i < attributes.length; i += 2) {
            point.attributes.put(attributes[i], attributes[i + 1]);
        }
        points.add(point);
        return point;
    }

    MetricWriter value(long start, long time, double value, String... attributes) {
        added(start, time, attributes).value = value;
        return this;
    }

    MetricWriter buckets(long start, long time, double sum, double[] bounds, long[] counts, String... attributes) {
        Point point = added(start, time, attributes);
        point.sum = sum;
        point.bounds = bounds;
        point.counts = counts;
        point.count = Arrays.stream(counts).sum();
        return this;
    }

    MetricWriter exponential(
            long start, long time, double sum, int scale, int offset, long zeros, long[] counts, String... attributes) {
        Point point = added(start, time, attributes);
        point.sum = sum;
        point.scale = scale;
        point.offset = offset;
        point.zeros = zeros;
        point.counts = counts;
        point.count = zeros + Arrays.stream(counts).sum();
        return this;
    }

    /** The last point says another count than its buckets have. */
    MetricWriter counting(long count) {
        points.getLast().count = count;
        return this;
    }

    byte[] json() {
        String member = switch (kind) {
            case GAUGE -> "gauge";
            case SUM -> "sum";
            case HISTOGRAM -> "histogram";
            default -> "exponentialHistogram";
        };
        String all = points.stream().map(this::json).collect(Collectors.joining(","));
        return ("{\"resourceMetrics\":[{\"resource\":{\"attributes\":["
                        + attributes(service.isEmpty() ? Map.of() : Map.of("service.name", service))
                        + "]},\"scopeMetrics\":[{\"scope\":{\"name\":\"s\"},\"metrics\":[{\"name\":\"" + name
                        + "\",\"unit\":\"" + unit + "\",\"" + member + "\":{\"dataPoints\":[" + all
                        + "],\"aggregationTemporality\":" + temporality + ",\"isMonotonic\":" + isMonotonic
                        + "}}]}]}]}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private String json(Point point) {
        String head = "{\"startTimeUnixNano\":\"" + point.start + "\",\"timeUnixNano\":\"" + point.time
                + "\",\"attributes\":[" + attributes(point.attributes) + "],";
        String counts = Arrays.stream(point.counts)
                .mapToObj(count -> "\"" + count + "\"")
                .collect(Collectors.joining(",", "\"bucketCounts\":[", "]"));
        return head
                + switch (kind) {
                    case GAUGE, SUM -> "\"asDouble\":" + point.value + "}";
                    case HISTOGRAM ->
                        "\"count\":\"" + point.count + "\",\"sum\":" + point.sum + "," + counts + ",\"explicitBounds\":"
                                + Arrays.toString(point.bounds) + "}";
                    default ->
                        "\"count\":\"" + point.count + "\",\"sum\":" + point.sum + ",\"scale\":" + point.scale
                                + ",\"zeroCount\":\"" + point.zeros + "\",\"positive\":{\"offset\":" + point.offset
                                + "," + counts + "}}";
                };
    }

    private static String attributes(Map<String, String> attributes) {
        return attributes.entrySet().stream()
                .map(each ->
                        "{\"key\":\"" + each.getKey() + "\",\"value\":{\"stringValue\":\"" + each.getValue() + "\"}}")
                .collect(Collectors.joining(","));
    }

    byte[] protobuf() {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        points.forEach(point -> bytes(data, 1, protobuf(point)));
        if (kind != GAUGE) {
            varint(data, 2, temporality);
        }
        if (kind == SUM) {
            varint(data, 3, isMonotonic ? 1 : 0);
        }
        ByteArrayOutputStream metric = new ByteArrayOutputStream();
        text(metric, 1, name);
        text(metric, 3, unit);
        bytes(metric, kind, data);
        ByteArrayOutputStream scopeName = new ByteArrayOutputStream();
        text(scopeName, 1, "s");
        ByteArrayOutputStream scope = new ByteArrayOutputStream();
        bytes(scope, 1, scopeName);
        bytes(scope, 2, metric);
        ByteArrayOutputStream resource = new ByteArrayOutputStream();
        if (!service.isEmpty()) {
            bytes(resource, 1, keyValue("service.name", service));
        }
        ByteArrayOutputStream resourceMetrics = new ByteArrayOutputStream();
        bytes(resourceMetrics, 1, resource);
        bytes(resourceMetrics, 2, scope);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        bytes(all, 1, resourceMetrics);
        return all.toByteArray();
    }

    private ByteArrayOutputStream protobuf(Point point) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int attributesField = kind == EXPONENTIAL ? 1 : kind == HISTOGRAM ? 9 : 7;
        point.attributes.forEach((key, value) -> bytes(out, attributesField, keyValue(key, value)));
        fixed(out, 2, point.start);
        fixed(out, 3, point.time);
        if (kind == GAUGE || kind == SUM) {
            fixed(out, 4, Double.doubleToRawLongBits(point.value));
            return out;
        }
        fixed(out, 4, point.count);
        fixed(out, 5, Double.doubleToRawLongBits(point.sum));
        ByteArrayOutputStream counts = new ByteArrayOutputStream();
        if (kind == HISTOGRAM) {
            ByteArrayOutputStream bounds = new ByteArrayOutputStream();
            Arrays.stream(point.counts).forEach(count -> Wire.little(counts, count));
            Arrays.stream(point.bounds).forEach(bound -> Wire.little(bounds, Double.doubleToRawLongBits(bound)));
            bytes(out, 6, counts);
            bytes(out, 7, bounds);
            return out;
        }
        varint(out, 6, zigzag(point.scale));
        fixed(out, 7, point.zeros);
        Arrays.stream(point.counts).forEach(count -> Wire.raw(counts, count));
        ByteArrayOutputStream positive = new ByteArrayOutputStream();
        varint(positive, 1, zigzag(point.offset));
        bytes(positive, 2, counts);
        bytes(out, 8, positive);
        return out;
    }

    private static long zigzag(int value) {
        return ((long) value << 1) ^ ((long) value >> 63);
    }

    private static ByteArrayOutputStream keyValue(String key, String value) {
        ByteArrayOutputStream any = new ByteArrayOutputStream();
        text(any, 1, value);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        text(out, 1, key);
        bytes(out, 2, any);
        return out;
    }

    private static void text(ByteArrayOutputStream out, int field, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        Wire.raw(out, (long) field << 3 | 2);
        Wire.raw(out, utf8.length);
        out.writeBytes(utf8);
    }

    private static void bytes(ByteArrayOutputStream out, int field, ByteArrayOutputStream value) {
        Wire.raw(out, (long) field << 3 | 2);
        Wire.raw(out, value.size());
        out.writeBytes(value.toByteArray());
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
