package io.inferwatch.api.exposition;

import io.micronaut.serde.ObjectMapper;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricMetadata;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import io.prometheus.metrics.model.snapshots.Unit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code ExportMetricsServiceRequest} of OTLP 1.x in its JSON form (opentelemetry-proto, metrics.proto): counters as
 * cumulative monotonic sums, gauges, and events as exponential histograms, whose buckets are the native ones told by
 * another number: OTLP's bucket {@code i} is Prometheus's {@code i + 1}. Events of which only count and sum are known are
 * histograms without bounds, in a scope of their own: one name in one scope has one form. One thread.
 */
public final class OtlpMetricsBody {
    private static final int CUMULATIVE = 2;
    private static final String SCOPE = "inferwatch";
    private static final String SCOPE_WITHOUT_BUCKETS = "inferwatch.without_buckets";

    /** Prometheus's base unit → the case-sensitive form of UCUM. */
    private static final Map<String, String> UCUM = Map.of(
            "seconds", "s",
            "ratio", "1",
            "usd", "{USD}",
            "bytes", "By",
            "watts", "W",
            "celsius", "Cel",
            "hertz", "Hz",
            "joules", "J");

    private final StreamStarts starts;
    private final List<Map<String, Object>> resource;

    /**
     * @param startedAt since when what stands in the first body counts
     * @param resource attributes of the sender, by the names of the semantic conventions
     */
    public OtlpMetricsBody(Instant startedAt, Map<String, String> resource) {
        this.starts = new StreamStarts(startedAt);
        this.resource = resource.entrySet().stream()
                .map(entry -> attribute(entry.getKey(), entry.getValue()))
                .toList();
    }

    /** @param snapshots counters, gauges and native histograms */
    public byte[] of(MetricSnapshots snapshots, Instant now) {
        List<Map<String, Object>> scopes = new ArrayList<>();
        for (boolean hasBuckets : List.of(true, false)) {
            List<Map<String, Object>> metrics = new ArrayList<>();
            for (MetricSnapshot snapshot : snapshots) {
                List<? extends DataPointSnapshot> points = snapshot.getDataPoints().stream()
                        .filter(point -> hasBuckets != isWithoutBuckets(point))
                        .toList();
                if (!points.isEmpty()) {
                    metrics.add(metric(snapshot.getMetadata(), points, nanos(now)));
                }
            }
            if (!metrics.isEmpty()) {
                String name = hasBuckets ? SCOPE : SCOPE_WITHOUT_BUCKETS;
                scopes.add(Map.of("scope", Map.of("name", name), "metrics", metrics));
            }
        }
        starts.endBody(now);
        Map<String, Object> all = Map.of("resource", Map.of("attributes", resource), "scopeMetrics", scopes);
        try {
            return ObjectMapper.getDefault().writeValueAsBytes(Map.of("resourceMetrics", List.of(all)));
        } catch (IOException e) {
            throw new UncheckedIOException("maps, lists and texts are JSON", e);
        }
    }

    private static boolean isWithoutBuckets(DataPointSnapshot point) {
        return point instanceof HistogramDataPointSnapshot histogram && !histogram.hasNativeHistogramData();
    }

    private Map<String, Object> metric(
            MetricMetadata metadata, List<? extends DataPointSnapshot> snapshots, String nowNanos) {
        List<Map<String, Object>> points = new ArrayList<>();
        snapshots.forEach(point -> points.add(point(metadata.getPrometheusName(), point, nowNanos)));
        Map<String, Object> metric = new LinkedHashMap<>();
        metric.put("name", metadata.getPrometheusName());
        String help = metadata.getHelp();
        metric.put("description", help == null ? "" : help);
        Unit unit = metadata.getUnit();
        metric.put("unit", unit == null ? "" : UCUM.getOrDefault(unit.toString(), unit.toString()));
        switch (snapshots.getFirst()) {
            case CounterDataPointSnapshot counter ->
                metric.put(
                        "sum", Map.of("aggregationTemporality", CUMULATIVE, "isMonotonic", true, "dataPoints", points));
            case GaugeDataPointSnapshot gauge -> metric.put("gauge", Map.of("dataPoints", points));
            default ->
                metric.put(
                        isWithoutBuckets(snapshots.getFirst()) ? "histogram" : "exponentialHistogram",
                        Map.of("aggregationTemporality", CUMULATIVE, "dataPoints", points));
        }
        return metric;
    }

    private Map<String, Object> point(String name, DataPointSnapshot point, String nowNanos) {
        Map<String, Object> told = new LinkedHashMap<>();
        List<Map<String, Object>> attributes = new ArrayList<>();
        for (Label label : point.getLabels()) {
            attributes.add(attribute(label.getName(), label.getValue()));
        }
        told.put("attributes", attributes);
        told.put("timeUnixNano", nowNanos);
        switch (point) {
            case GaugeDataPointSnapshot gauge -> told.put("asDouble", gauge.getValue());
            case CounterDataPointSnapshot counter -> {
                told.put("startTimeUnixNano", nanos(starts.of(name, point.getLabels(), counter.getValue())));
                told.put("asDouble", counter.getValue());
            }
            case HistogramDataPointSnapshot histogram -> {
                told.put("startTimeUnixNano", nanos(starts.of(name, point.getLabels(), (double) histogram.getCount())));
                histogram(told, histogram);
            }
            default -> throw new IllegalArgumentException("OTLP: no form for " + point.getClass());
        }
        return told;
    }

    /** 64-bit whole numbers are texts in OTLP's JSON; where values may be negative a sum, which may fall, is not told. */
    private static void histogram(Map<String, Object> told, HistogramDataPointSnapshot histogram) {
        told.put("count", Long.toString(histogram.getCount()));
        if (histogram.getNativeBucketsForNegativeValues().size() == 0) {
            told.put("sum", histogram.getSum());
        }
        if (histogram.hasNativeHistogramData()) {
            told.put("scale", histogram.getNativeSchema());
            told.put("zeroCount", Long.toString(histogram.getNativeZeroCount()));
            told.put("positive", buckets(histogram.getNativeBucketsForPositiveValues()));
            told.put("negative", buckets(histogram.getNativeBucketsForNegativeValues()));
        }
    }

    private static Map<String, Object> buckets(NativeHistogramBuckets used) {
        if (used.size() == 0) {
            return Map.of();
        }
        int first = used.getBucketIndex(0);
        long[] counts = new long[used.getBucketIndex(used.size() - 1) - first + 1];
        for (int i = 0; i < used.size(); i++) {
            counts[used.getBucketIndex(i) - first] = used.getCount(i);
        }
        List<String> texts = new ArrayList<>();
        for (long count : counts) {
            texts.add(Long.toString(count));
        }
        return Map.of("offset", first - 1, "bucketCounts", texts);
    }

    private static Map<String, Object> attribute(String name, String value) {
        return Map.of("key", name, "value", Map.of("stringValue", value));
    }

    private static String nanos(Instant at) {
        return Long.toString(at.getEpochSecond() * 1_000_000_000 + at.getNano());
    }
}
