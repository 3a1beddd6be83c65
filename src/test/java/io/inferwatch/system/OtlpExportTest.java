package io.inferwatch.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.FakeModelServer;
import io.inferwatch.system.support.RunningSidecar;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What a running sidecar exports, read by OTLP's own generated classes, which refuse what the protocol does not know, and held
 * against the rules of its data model (opentelemetry-proto, metrics.proto).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OtlpExportTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long NANOS = 1_000_000_000L;
    /** The case-sensitive units of UCUM in use, and amounts in braces. */
    private static final String UCUM = "s|1|By|W|Cel|Hz|J|\\{[A-Za-z]+}|";

    private final List<byte[]> bodies = new ArrayList<>();
    private final Instant began = Instant.now();
    private HttpServer receiver;
    private FakeModelServer server;
    private RunningSidecar sidecar;

    @BeforeAll
    void start() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        receiver.createContext("/v1/metrics", this::take);
        receiver.start();
        server = new FakeModelServer();
        sidecar = RunningSidecar.with()
                .config("""
                        host_id: node-7
                        otlp_export: {url: "http://127.0.0.1:%d/v1/metrics", interval: 1s}
                        servers: [{name: writer, scrape: {url: "%s", interval: 1s}}]
                        """.formatted(receiver.getAddress().getPort(), server.address()))
                .start();
        String lines = IntStream.rangeClosed(1, 200)
                .mapToObj(i -> "{\"model\":\"m\",\"server\":\"pushed\",\"ttft_ms\":" + i * 7.3
                        + ",\"latency_ms\":5000,\"output_tokens\":50,\"tpot_ms\":20}")
                .collect(Collectors.joining("\n"));
        sidecar.api().post("/api/v1/requests", "application/x-ndjson", lines).json(202);
        Await.until("the scraped server's requests and ours are exported", PATIENCE, () -> {
            server.served(0.2);
            String text = newest().map(Object::toString).orElse("");
            return text.contains("inferwatch.without_buckets")
                    && ttft(newest().orElseThrow()).isPresent();
        });
    }

    @AfterAll
    void stop() {
        sidecar.close();
        server.close();
        receiver.stop(0);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            synchronized (bodies) {
                bodies.add(body);
            }
            byte[] answer = "{}".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
        }
    }

    private List<ExportMetricsServiceRequest> all() {
        synchronized (bodies) {
            return bodies.stream().map(OtlpExportTest::decoded).toList();
        }
    }

    private Optional<ExportMetricsServiceRequest> newest() {
        synchronized (bodies) {
            return bodies.isEmpty() ? Optional.empty() : Optional.of(decoded(bodies.getLast()));
        }
    }

    private static ExportMetricsServiceRequest decoded(byte[] body) {
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(body))) {
            ExportMetricsServiceRequest.Builder request = ExportMetricsServiceRequest.newBuilder();
            JsonFormat.parser().merge(new String(plain.readAllBytes(), StandardCharsets.UTF_8), request);
            return request.build();
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError("no ExportMetricsServiceRequest", e);
        } catch (IOException e) {
            throw new AssertionError("no gzip", e);
        }
    }

    private static List<Metric> metrics(ExportMetricsServiceRequest request) {
        return request.getResourceMetricsList().stream()
                .flatMap(resource -> resource.getScopeMetricsList().stream())
                .flatMap(scope -> scope.getMetricsList().stream())
                .toList();
    }

    private static Optional<ExponentialHistogramDataPoint> ttft(ExportMetricsServiceRequest request) {
        return metrics(request).stream()
                .filter(metric -> metric.getName().equals("inferwatch_llm_ttft_seconds"))
                .flatMap(metric -> metric.getExponentialHistogram().getDataPointsList().stream())
                .filter(point -> value(point.getAttributesList(), "server").equals("pushed"))
                .findFirst();
    }

    private static String value(List<KeyValue> attributes, String key) {
        return attributes.stream()
                .filter(one -> one.getKey().equals(key))
                .map(one -> one.getValue().getStringValue())
                .findFirst()
                .orElse("");
    }

    private static void areUnique(List<KeyValue> attributes) {
        assertThat(attributes.stream().map(KeyValue::getKey))
                .doesNotHaveDuplicates()
                .noneMatch(String::isEmpty);
    }

    @Test
    void resourceNamesTheSender() {
        ResourceMetrics resource = newest().orElseThrow().getResourceMetrics(0);

        List<KeyValue> attributes = resource.getResource().getAttributesList();
        areUnique(attributes);
        assertThat(value(attributes, "service.name")).isEqualTo("inferwatch");
        assertThat(value(attributes, "service.instance.id")).isEqualTo("node-7");
        assertThat(value(attributes, "host.name")).isEqualTo("node-7");
        assertThat(value(attributes, "service.version")).isNotEmpty();
    }

    @Test
    void everyStream_hasOneForm_aUnit_andATimeOfItsOwn() {
        for (ExportMetricsServiceRequest request : all()) {
            for (ScopeMetrics scope : request.getResourceMetrics(0).getScopeMetricsList()) {
                assertThat(scope.getScope().getName()).startsWith("inferwatch");
                assertThat(scope.getMetricsList().stream().map(Metric::getName)).doesNotHaveDuplicates();
                scope.getMetricsList().forEach(this::isSound);
            }
        }
    }

    private void isSound(Metric metric) {
        assertThat(metric.getName()).matches("[A-Za-z][A-Za-z0-9_.\\-/]{0,254}");
        assertThat(metric.getUnit()).as(metric.getName()).matches(UCUM);
        assertThat(metric.getName().endsWith("_seconds"))
                .isEqualTo(metric.getUnit().equals("s"));
        Set<List<KeyValue>> seen = new HashSet<>();
        switch (metric.getDataCase()) {
            case GAUGE ->
                metric.getGauge().getDataPointsList().forEach(point -> {
                    isSound(metric, point, seen);
                    assertThat(point.getStartTimeUnixNano()).isZero();
                });
            case SUM -> {
                assertThat(metric.getSum().getIsMonotonic()).isTrue();
                isCumulative(metric.getSum().getAggregationTemporality());
                metric.getSum().getDataPointsList().forEach(point -> {
                    isSound(metric, point, seen);
                    isTimed(point.getStartTimeUnixNano(), point.getTimeUnixNano());
                    assertThat(point.getAsDouble()).isNotNegative();
                });
            }
            case HISTOGRAM -> {
                isCumulative(metric.getHistogram().getAggregationTemporality());
                metric.getHistogram().getDataPointsList().forEach(point -> isSound(metric, point, seen));
            }
            case EXPONENTIAL_HISTOGRAM -> {
                isCumulative(metric.getExponentialHistogram().getAggregationTemporality());
                metric.getExponentialHistogram().getDataPointsList().forEach(point -> isSound(metric, point, seen));
            }
            default -> throw new AssertionError(metric.getName() + " has no data");
        }
    }

    private static void isCumulative(AggregationTemporality temporality) {
        assertThat(temporality).isEqualTo(AggregationTemporality.AGGREGATION_TEMPORALITY_CUMULATIVE);
    }

    /** Since the sidecar began, to now. */
    private void isTimed(long startNanos, long timeNanos) {
        assertThat(startNanos).isLessThanOrEqualTo(timeNanos);
        assertThat(startNanos / NANOS).isGreaterThanOrEqualTo(began.getEpochSecond());
        assertThat(timeNanos / NANOS).isLessThanOrEqualTo(Instant.now().getEpochSecond());
    }

    private static void isSound(Metric metric, NumberDataPoint point, Set<List<KeyValue>> seen) {
        areUnique(point.getAttributesList());
        assertThat(seen.add(point.getAttributesList())).as(metric.getName()).isTrue();
        assertThat(point.getValueCase()).isEqualTo(NumberDataPoint.ValueCase.AS_DOUBLE);
        assertThat(Double.isFinite(point.getAsDouble())).as(metric.getName()).isTrue();
    }

    /** Of count and sum alone: no bounds, and then no buckets or one. */
    private void isSound(Metric metric, HistogramDataPoint point, Set<List<KeyValue>> seen) {
        areUnique(point.getAttributesList());
        assertThat(seen.add(point.getAttributesList())).as(metric.getName()).isTrue();
        isTimed(point.getStartTimeUnixNano(), point.getTimeUnixNano());
        assertThat(point.getExplicitBoundsList()).isEmpty();
        assertThat(point.getBucketCountsList()).isEmpty();
        assertThat(point.getCount()).isPositive();
        assertThat(point.getSum()).isNotNegative();
    }

    private void isSound(Metric metric, ExponentialHistogramDataPoint point, Set<List<KeyValue>> seen) {
        areUnique(point.getAttributesList());
        assertThat(seen.add(point.getAttributesList())).as(metric.getName()).isTrue();
        isTimed(point.getStartTimeUnixNano(), point.getTimeUnixNano());
        long inBuckets = point.getZeroCount() + sum(point.getPositive()) + sum(point.getNegative());
        assertThat(point.getCount()).as(metric.getName()).isEqualTo(inBuckets);
        assertThat(point.getScale()).isBetween(-10, 20);
        assertThat(Double.isFinite(point.getSum())).isTrue();
    }

    private static long sum(ExponentialHistogramDataPoint.Buckets buckets) {
        return buckets.getBucketCountsList().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void aCumulativeStream_neverFalls_andKeepsItsStart() {
        Map<String, Double> last = new HashMap<>();
        Map<String, Long> starts = new HashMap<>();
        for (ExportMetricsServiceRequest request : all()) {
            for (Metric metric : metrics(request)) {
                metric.getSum().getDataPointsList().forEach(point -> {
                    String stream = metric.getName() + point.getAttributesList();
                    assertThat(point.getAsDouble()).as(stream).isGreaterThanOrEqualTo(last.getOrDefault(stream, 0.0));
                    last.put(stream, point.getAsDouble());
                    assertThat(starts.merge(stream, point.getStartTimeUnixNano(), (first, next) -> first))
                            .isEqualTo(point.getStartTimeUnixNano());
                });
            }
        }
        assertThat(last).isNotEmpty();
    }

    /** Bucket {@code i} holds values above base^i, up to base^(i+1), base = 2^(2^-scale). */
    @Test
    void exponentialBuckets_holdOurOwnPercentiles() {
        ExponentialHistogramDataPoint point = ttft(newest().orElseThrow()).orElseThrow();
        JsonNode own = sidecar.api()
                .read("/api/v1/percentiles", "metric", "llm.ttft", "p", "1,50,90,99,100", "where", "server:pushed")
                .path("series")
                .path(0);

        assertThat(point.getCount()).isEqualTo(200).isEqualTo(own.path("count").asLong());
        assertThat(point.getSum()).isCloseTo(own.path("mean").asDouble() * 200 / 1e3, within(0.001 * point.getSum()));
        for (double rank : List.of(1.0, 50.0, 90.0, 99.0, 100.0)) {
            int bucket = bucketOf(point, (long) Math.ceil(rank * point.getCount() / 100));
            double base = Math.pow(2, Math.pow(2, -point.getScale()));
            double seconds = own.path("percentiles").path("p" + (int) rank).asDouble() / 1e3;
            assertThat(seconds)
                    .as("p%s in bucket %d", rank, bucket)
                    .isBetween(0.999 * Math.pow(base, bucket), 1.001 * Math.pow(base, bucket + 1));
        }
    }

    private static int bucketOf(ExponentialHistogramDataPoint point, long rank) {
        long below = point.getZeroCount();
        for (int i = 0; i < point.getPositive().getBucketCountsCount(); i++) {
            below += point.getPositive().getBucketCounts(i);
            if (below >= rank) {
                return point.getPositive().getOffset() + i;
            }
        }
        throw new AssertionError("fewer than " + rank + " in " + point);
    }
}
