package io.inferwatch.api.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Steps are taken by hand and time is a number: nothing waits. */
class MetricSenderTest {
    /** An answer that is to be given, and the header Retry-After. */
    private record Scripted(int status, String retryAfter, String body) {
        Scripted(int status, String retryAfter) {
            this(status, retryAfter, "");
        }
    }

    @TempDir
    Path folder;

    private final Deque<Scripted> script = new ArrayDeque<>();
    private final List<HttpExchange> calls = new ArrayList<>();
    private final List<byte[]> bodies = new ArrayList<>();
    private HttpServer receiver;
    private long nowNanos;

    MetricSenderTest() throws IOException {
        receiver = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    }

    @BeforeEach
    void open() {
        receiver.createContext("/", this::answer);
        receiver.start();
    }

    @AfterEach
    void close() {
        receiver.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        calls.add(exchange);
        bodies.add(exchange.getRequestBody().readAllBytes());
        Scripted next = script.isEmpty() ? new Scripted(204, "") : script.removeFirst();
        if (!next.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", next.retryAfter());
        }
        byte[] body = next.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(next.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + receiver.getAddress().getPort() + "/api/v1/write");
    }

    private SendConfig config(Optional<Path> token) {
        return new SendConfig("remote_write", address(), Duration.ofSeconds(15), 1 << 20, token, "", Optional.empty());
    }

    private MetricSender writer(SendConfig config) {
        return writer(config, new PrometheusRemoteWrite());
    }

    private MetricSender writer(SendConfig config, Protocol protocol) {
        return new MetricSender(
                config, protocol, this::up, InstantSource.fixed(Instant.ofEpochSecond(1_000)), () -> nowNanos);
    }

    private MetricSnapshots up() {
        return new MetricSnapshots(GaugeSnapshot.builder()
                .name("up")
                .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(Labels.of("gpu", "0"))
                        .value(1)
                        .build())
                .build());
    }

    @Test
    void bodyIsSentOnceAnInterval_withTheHeadersOfTheProtocol() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "secret-1\n");
        MetricSender writer = writer(config(Optional.of(token)));

        assertThat(writer.gather()).isEqualTo(Duration.ofSeconds(15));
        writer.gather();
        assertThat(writer.send()).isZero();
        assertThat(writer.send()).as("nothing waits").isPositive();

        assertThat(calls).hasSize(1);
        assertThat(calls.getFirst().getRequestHeaders())
                .containsEntry("Content-type", List.of("application/x-protobuf"))
                .containsEntry("Content-encoding", List.of("snappy"))
                .containsEntry("X-prometheus-remote-write-version", List.of("0.1.0"))
                .containsEntry("Authorization", List.of("Bearer secret-1"));
        nowNanos = TimeUnit.SECONDS.toNanos(15);
        writer.gather();
        writer.send();
        assertThat(calls).hasSize(2);
        assertThat(writer.stats()).isEqualTo(new MetricSender.Stats(2, 0, 0, 0, 0, 0));
    }

    @Test
    void bodyIsSentAgainLaterEachTime_whenTheReceiverCannotTakeItNow() throws Exception {
        script.add(new Scripted(503, ""));
        script.add(new Scripted(500, ""));
        script.add(new Scripted(429, "7"));
        MetricSender writer = writer(config(Optional.empty()));
        writer.gather();

        assertThat(writer.send()).isEqualTo(Duration.ofMillis(500));
        assertThat(writer.send()).isEqualTo(Duration.ofSeconds(1));
        assertThat(writer.send()).isEqualTo(Duration.ofSeconds(7));
        assertThat(writer.send()).isZero();

        assertThat(bodies).hasSize(4).allMatch(body -> Arrays.equals(body, bodies.getFirst()));
        assertThat(writer.stats()).isEqualTo(new MetricSender.Stats(1, 0, 0, 0, 3, 0));
    }

    @Test
    void bodyIsDropped_whenTheReceiverRefusesItForGood() throws Exception {
        script.add(new Scripted(400, ""));
        MetricSender writer = writer(config(Optional.empty()));
        writer.gather();

        assertThat(writer.send()).isZero();

        assertThat(writer.stats()).isEqualTo(new MetricSender.Stats(0, 0, 1, 0, 0, 0));
    }

    @Test
    void bodyWaits_whenNobodyAnswers() throws Exception {
        MetricSender writer = writer(config(Optional.empty()));
        receiver.stop(0);
        writer.gather();

        assertThat(writer.send()).isEqualTo(Duration.ofMillis(500));

        assertThat(writer.stats().failures()).isEqualTo(1);
        assertThat(writer.stats().waitingBytes()).isPositive();
    }

    @Test
    void otlpBodyIsJsonInGzip_andA500IsForGood() throws Exception {
        script.add(new Scripted(503, ""));
        script.add(new Scripted(500, ""));
        MetricSender sender = writer(config(Optional.empty()), otlp());
        sender.gather();

        assertThat(sender.send()).isEqualTo(Duration.ofMillis(500));
        assertThat(sender.send()).isZero();

        assertThat(calls.getFirst().getRequestHeaders())
                .containsEntry("Content-type", List.of("application/json"))
                .containsEntry("Content-encoding", List.of("gzip"));
        try (GZIPInputStream plain = new GZIPInputStream(new ByteArrayInputStream(bodies.getFirst()))) {
            assertThat(new String(plain.readAllBytes(), StandardCharsets.UTF_8))
                    .contains("\"name\":\"up\"")
                    .contains("\"timeUnixNano\":\"1000000000000\"");
        }
        assertThat(sender.stats()).isEqualTo(new MetricSender.Stats(0, 0, 1, 0, 1, 0));
    }

    @Test
    void aDateInRetryAfter_isWaitedFor_unlessItIsFarAwayOrPast() throws Exception {
        script.add(new Scripted(429, "Thu, 1 Jan 1970 00:17:10 GMT"));
        script.add(new Scripted(429, "Thu, 1 Jan 1970 00:10:00 GMT"));
        script.add(new Scripted(429, "Fri, 2 Jan 1970 00:00:00 GMT"));
        script.add(new Scripted(429, "soon"));
        MetricSender sender = writer(config(Optional.empty()), otlp());
        sender.gather();

        assertThat(sender.send()).as("30 s after 1,000 s of the epoch").isEqualTo(Duration.ofSeconds(30));
        assertThat(sender.send()).isEqualTo(Duration.ofSeconds(1));
        assertThat(sender.send()).isEqualTo(Duration.ofSeconds(2));
        assertThat(sender.send()).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void whatAnOtlpReceiverLeavesOut_isCounted_aBodyIsNotSentAgainForIt() throws Exception {
        script.add(new Scripted(
                200, "", "{\"partialSuccess\": {\"rejectedDataPoints\": \"3\", \"errorMessage\": \"too old\"}}"));
        script.add(new Scripted(200, "", "{\"partialSuccess\": {\"errorMessage\": \"a warning alone\"}}"));
        script.add(new Scripted(200, "", "{}"));
        script.add(new Scripted(200, "", "taken"));
        MetricSender sender = writer(config(Optional.empty()), otlp());
        for (int i = 0; i < 4; i++) {
            sender.gather();
            assertThat(sender.send()).isZero();
            nowNanos += TimeUnit.SECONDS.toNanos(15);
        }

        assertThat(sender.stats()).isEqualTo(new MetricSender.Stats(4, 1, 0, 0, 0, 0));
        assertThat(calls).hasSize(4);
    }

    private static OtlpMetrics otlp() {
        return new OtlpMetrics(Instant.ofEpochSecond(400), Map.of("service.name", "inferwatch"));
    }

    @Test
    void oldestIsDropped_whenTooMuchWaits() {
        SendQueue queue = new SendQueue(100);
        byte[] first = new byte[60];
        byte[] second = new byte[50];
        queue.add(first);
        queue.add(second);

        assertThat(queue.oldest()).containsSame(second);
        assertThat(queue.dropped()).isEqualTo(1);
        queue.done(first);
        assertThat(queue.bytes()).as("a dropped one is not taken out twice").isEqualTo(50);
    }

    @Test
    void addressIsRefusedWithoutBeingTold_whenItHoldsASecret() {
        assertThatThrownBy(() -> SendConfig.address("remote_write", "https://me:pass@prometheus/api/v1/write"))
                .hasMessageContaining("remote_write.url")
                .hasMessageNotContaining("pass@");
        assertThatThrownBy(() -> SendConfig.address("remote_write", "prometheus:9090"))
                .hasMessageContaining("remote_write.url");
    }
}
