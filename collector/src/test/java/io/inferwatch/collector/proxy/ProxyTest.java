package io.inferwatch.collector.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.collector.Observer;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.SampleMeasurement;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy between a client and a server on sockets of their own; only its clock is the test's. */
@Timeout(180)
class ProxyTest {
    private static final long MILLI = 1_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String STREAM = String.join(
            "",
            "data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"Grü\"}}]}\r\n\r\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"ße\"}}]}\n\n",
            "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n");
    private static final String EVENT_STREAM_HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    private static final String BODY = "{\"model\":\"m\",\"user\":\"anna\",\"stream\":true}";

    private final AtomicLong nanos = new AtomicLong();
    private final KeptRecords kept = new KeptRecords();
    private final EventLoops loops = new EventLoops(1);
    private ServerSocket server;
    private Proxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = new Proxy(
                new ProxyTarget(
                        "llama", "127.0.0.1", 0, URI.create("http://127.0.0.1:" + server.getLocalPort()), false),
                kept.telemetry,
                loops,
                Duration.ofSeconds(30),
                nanos::get);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.stop(Duration.ZERO);
        loops.stop(PATIENCE);
        server.close();
    }

    @Test
    void stream_cutAtEveryByte_isRelayedAsItIsAndTimed() throws Exception {
        byte[] stream = STREAM.getBytes(UTF_8);
        int firstToken = STREAM.substring(0, STREAM.indexOf("\r\n\r\n") + 3).getBytes(UTF_8).length;
        int lastToken = STREAM.substring(0, STREAM.indexOf("\n\ndata: {\"choices\":[],") + 2)
                .getBytes(UTF_8)
                .length;
        for (int cut = 1; cut < stream.length; cut++) {
            nanos.set(0);
            try (Socket client = client("1.0", BODY);
                    Socket upstream = server.accept()) {
                readRequest(upstream);
                nanos.set(20 * MILLI);
                upstream.getOutputStream().write(EVENT_STREAM_HEAD.getBytes(UTF_8));
                upstream.getOutputStream().write(stream, 0, cut);
                readHead(client.getInputStream());
                byte[] first = client.getInputStream().readNBytes(cut);
                nanos.set(50 * MILLI);
                upstream.getOutputStream().write(stream, cut, stream.length - cut);
                upstream.shutdownOutput();
                byte[] rest = client.getInputStream().readAllBytes();
                assertThat(first).as("cut at %s", cut).isEqualTo(Arrays.copyOf(stream, cut));
                assertThat(rest).as("cut at %s", cut).isEqualTo(Arrays.copyOfRange(stream, cut, stream.length));
            }
            RequestMeasurement record = kept.next();
            long ttft = cut >= firstToken ? 20_000 : 50_000;
            long last = cut >= lastToken ? 20_000 : 50_000;
            assertThat(record.amount(RequestAmount.TTFT)).as("cut at %s", cut).hasValue(ttft);
            assertThat(record.amount(RequestAmount.TPOT)).as("cut at %s", cut).hasValue(last - ttft);
            assertThat(record.amount(RequestAmount.LATENCY))
                    .as("cut at %s", cut)
                    .hasValue(50_000);
            assertThat(record.amount(RequestAmount.OUTPUT_TOKENS)).hasValue(2);
            assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
            assertThat(record.observer()).isEqualTo(Observer.PROXY);
            assertThat(record.model()).isEqualTo("m");
            assertThat(record.text(RequestText.SERVER)).contains("llama");
            assertThat(record.text(RequestText.USER)).isEmpty();
        }
    }

    /** A gap for every chunk with a token after the first: neither the role nor the usage nor the end is one. */
    @Test
    void timesBetweenChunks_areSamplesOfTheirOwn() throws Exception {
        String role = "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
        String token = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        String[] events = {role, token, token, token, token, "data: [DONE]\n\n"};
        long[] atMillis = {5, 20, 50, 80, 120, 900};
        try (Socket client = client("1.0", BODY);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            upstream.getOutputStream().write(EVENT_STREAM_HEAD.getBytes(UTF_8));
            readHead(client.getInputStream());
            for (int i = 0; i < events.length; i++) {
                nanos.set(atMillis[i] * MILLI);
                byte[] event = events[i].getBytes(UTF_8);
                upstream.getOutputStream().write(event);
                assertThat(client.getInputStream().readNBytes(event.length)).isEqualTo(event);
            }
            upstream.shutdownOutput();
            assertThat(client.getInputStream().readAllBytes()).isEmpty();
        }
        assertThat(kept.next().outcome()).isEqualTo(Outcome.SUCCESS);

        assertThat(kept.samples)
                .extracting(sample -> sample.metric().name(), SampleMeasurement::scaledValue, SampleMeasurement::weight)
                .containsExactlyInAnyOrder(
                        tuple("llm.inter_chunk", 30_008L, 2L), tuple("llm.inter_chunk", 40_016L, 1L));
        assertThat(kept.samples.getFirst().labels().asMap())
                .containsEntry("server", "llama")
                .containsEntry("model", "m")
                .containsEntry("observer", "proxy")
                .containsEntry("outcome", "success");
    }

    @Test
    void heads_keepWhatIsTheirsAndLoseWhatIsTheConnections() throws Exception {
        try (Socket client = client(
                        "1.1",
                        BODY,
                        "X-Request-Id: r-1",
                        "X-LLM-Tenant: acme",
                        "Connection: keep-alive, X-Hop",
                        "X-Hop: 1",
                        "Authorization: Bearer secret",
                        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
                Socket upstream = server.accept()) {
            String asked = readRequest(upstream);
            assertThat(asked)
                    .startsWith("POST /v1/chat/completions HTTP/1.1\r\n")
                    .containsIgnoringCase("host: 127.0.0.1:" + server.getLocalPort())
                    .contains("X-Request-Id: r-1", "Authorization: Bearer secret")
                    .doesNotContainIgnoringCase("x-hop")
                    .endsWith("\r\n\r\n" + BODY);
            write(
                    upstream,
                    "HTTP/1.1 429 Slow Down\r\nRetry-After: 2\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(readHead(client.getInputStream()))
                    .startsWith("HTTP/1.1 429 Slow Down\r\n")
                    .contains("Retry-After: 2");
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo("{}".getBytes(UTF_8));
            RequestMeasurement record = kept.next();
            assertThat(record.outcome()).isEqualTo(Outcome.REJECTED);
            assertThat(record.id()).contains("r-1");
            assertThat(record.text(RequestText.TENANT)).contains("acme");
            assertThat(record.text(RequestText.TRACE_ID)).contains("0af7651916cd43dd8448eb211c80319c");

            // The same again on both connections: a second request, and not the first one sent twice.
            send(client, "1.1", BODY, "X-Request-Id: r-1");
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
            assertThat(readHead(client.getInputStream())).containsIgnoringCase("transfer-encoding: chunked");
            assertThat(client.getInputStream().readNBytes(12)).isEqualTo("2\r\n{}\r\n0\r\n\r\n".getBytes(UTF_8));
            assertThat(kept.next().attempt()).isEqualTo(2);
        }
    }

    @Test
    void clientThatHangsUp_isAnAbortAndTheServerHearsOfIt() throws Exception {
        Socket client = client("1.1", BODY);
        try (Socket upstream = server.accept()) {
            readRequest(upstream);
            assertThat(proxy.inflight()).isOne();
            nanos.set(7 * MILLI);
            assertThat(proxy.oldestNanos()).isEqualTo(7 * MILLI);
            client.close();
            assertThat(upstream.getInputStream().read()).isEqualTo(-1);
            RequestMeasurement record = kept.next();
            assertThat(record.outcome()).isEqualTo(Outcome.CLIENT_ABORT);
            assertThat(record.amount(RequestAmount.LATENCY)).hasValue(7_000);
            assertThat(proxy.inflight()).isZero();
        }
    }

    @Test
    void serverThatHangsUp_isAnError_andTheClientSeesTheCut() throws Exception {
        try (Socket client = client("1.1", BODY);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n: \r\n");
            readHead(client.getInputStream());
            upstream.shutdownOutput();
            String rest = new String(client.getInputStream().readAllBytes(), UTF_8);
            assertThat(rest).doesNotContain("0\r\n\r\n");
            assertThat(kept.next().outcome()).isEqualTo(Outcome.ERROR);
        }
        server.close();
        try (Socket client = client("1.1", BODY)) {
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 502 ");
            assertThat(kept.next().outcome()).isEqualTo(Outcome.ERROR);
            assertThat(proxy.isUp()).isFalse();
        }
    }

    @Test
    void largeBodies_goThroughBothWays_thoughNobodyReadsForAWhile() throws Exception {
        String large = "x".repeat(20 << 20);
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
            Thread sending = Thread.ofPlatform().start(() -> {
                try {
                    send(client, "1.1", large);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Socket upstream = server.accept()) {
                assertThat(readRequest(upstream)).endsWith("\r\n\r\n" + large);
                sending.join();
                Thread answering = Thread.ofPlatform().start(() -> {
                    try {
                        write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: " + large.length() + "\r\n\r\n" + large);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                });
                readHead(client.getInputStream());
                assertThat(new String(client.getInputStream().readNBytes(large.length()), UTF_8))
                        .isEqualTo(large);
                answering.join();
            }
        }
    }

    @Test
    void continue_headAndWebSocket() throws Exception {
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
            write(
                    client,
                    "POST /v1/embeddings HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            try (Socket upstream = server.accept()) {
                assertThat(readHead(upstream.getInputStream())).containsIgnoringCase("expect: 100-continue");
                write(upstream, "HTTP/1.1 100 Continue\r\n\r\n");
                assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 100 Continue");
                write(client, "{}");
                assertThat(upstream.getInputStream().readNBytes(2)).isEqualTo("{}".getBytes(UTF_8));
                write(upstream, "HTTP/1.1 204 No Content\r\n\r\n");
                assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 204 ");
                write(client, "HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(readHead(upstream.getInputStream())).startsWith("HEAD /health ");
                write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n");
                assertThat(readHead(client.getInputStream())).contains("99");
                write(client, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 501 ");
            }
        }
    }

    /** Bytes that come in one piece with a head are not lost, and an end goes through both ways. */
    @Test
    void webSocket_isPassedThroughAsBytes_untilEitherSideEndsIt() throws Exception {
        for (boolean isClientFirst : new boolean[] {true, false}) {
            try (Socket client = new Socket(
                            InetAddress.getLoopbackAddress(), proxy.address().getPort());
                    Socket upstream = upgraded(client)) {
                write(
                        upstream,
                        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n\u0001first");
                assertThat(readHead(client.getInputStream()))
                        .startsWith("HTTP/1.1 101 ")
                        .containsIgnoringCase("upgrade: websocket")
                        .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
                assertThat(client.getInputStream().readNBytes(6)).isEqualTo("\u0001first".getBytes(UTF_8));
                write(client, "GET / HTTP/1.1\r\n\r\n");
                assertThat(readHead(upstream.getInputStream())).isEqualTo("GET / HTTP/1.1\r\n\r\n");
                Socket first = isClientFirst ? client : upstream;
                Socket second = isClientFirst ? upstream : client;
                first.close();
                assertThat(second.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    private Socket upgraded(Socket client) throws IOException {
        write(
                client,
                "GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Socket upstream = server.accept();
        assertThat(readHead(upstream.getInputStream()))
                .startsWith("GET /v1/realtime HTTP/1.1")
                .containsIgnoringCase("connection: upgrade")
                .containsIgnoringCase("upgrade: websocket")
                .contains("dGhlIHNhbXBsZSBub25jZQ==");
        return upstream;
    }

    /** A server that refuses to change the protocol answers like any other; one that changes it unasked is broken. */
    @Test
    void webSocket_thatTheServerRefuses_orThatNobodyAskedFor() throws Exception {
        try (Socket client = new Socket(
                        InetAddress.getLoopbackAddress(), proxy.address().getPort());
                Socket upstream = upgraded(client)) {
            write(upstream, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 404 ");
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo("{}".getBytes(UTF_8));
        }
        try (Socket client = client("1.1", BODY);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            write(upstream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 502 ");
            assertThat(kept.next().outcome()).isEqualTo(Outcome.ERROR);
        }
    }

    /** Chunked requests, early hints, compressed answers and trailers go through; what is compressed is not read. */
    @Test
    void lessUsualHttp_isRelayedAsItIs() throws Exception {
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
            write(
                    client,
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"mod\r\n8\r\nel\":\"m\"}\r\n0\r\n\r\n");
            try (Socket upstream = server.accept()) {
                assertThat(readHead(upstream.getInputStream())).containsIgnoringCase("transfer-encoding: chunked");
                assertThat(readUntil(upstream.getInputStream(), "0\r\n\r\n")).contains("{\"mod", "el\":\"m\"}");
                write(upstream, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
                assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 103 ");
                write(
                        upstream,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\n\u001f!\r\n0\r\nX-Sum: 7\r\n\r\n");
                assertThat(readHead(client.getInputStream()))
                        .containsIgnoringCase("content-encoding: gzip")
                        .containsIgnoringCase("trailer: x-sum");
                assertThat(readUntil(client.getInputStream(), "X-Sum: 7\r\n\r\n"))
                        .startsWith("2\r\n\u001f!\r\n0\r\n");
                RequestMeasurement record = kept.next();
                assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
                assertThat(record.has(RequestAmount.TTFT)).isFalse();
                write(client, "GET /health HTTP/1.1\r\nHost: a\r\n\r\nGET /version HTTP/1.1\r\nHost: a\r\n\r\n");
                assertThat(readHead(upstream.getInputStream())).startsWith("GET /health ");
                write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 200 ");
                assertThat(client.getInputStream().readNBytes(2)).isEqualTo("ok".getBytes(UTF_8));
                assertThat(readHead(upstream.getInputStream()))
                        .as("one after the other")
                        .startsWith("GET /version ");
            }
        }
    }

    private static String readUntil(InputStream in, String end) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (!read.toString(UTF_8).endsWith(end)) {
            int b = in.read();
            assertThat(b).as("more after: %s", read).isNotNegative();
            read.write(b);
        }
        return read.toString(UTF_8);
    }

    @Test
    void stop_letsTheStreamUnderWayEnd() throws Exception {
        try (Socket client = client("1.1", BODY);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            BlockingQueue<Integer> cut = new LinkedBlockingQueue<>();
            Thread stopping = Thread.ofPlatform().start(() -> {
                try {
                    cut.add(proxy.stop(PATIENCE));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            while (isTaking()) {
                LockSupport.parkNanos(MILLI);
            }
            write(upstream, EVENT_STREAM_HEAD + STREAM);
            upstream.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .contains("[DONE]");
            assertThat(cut.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isZero();
            stopping.join();
        }
    }

    private boolean isTaking() {
        try (Socket probe =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private Socket client(String version, String body, String... headers) throws IOException {
        Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
        send(client, version, body, headers);
        return client;
    }

    static void send(Socket client, String version, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder("POST /v1/chat/completions HTTP/").append(version);
        head.append("\r\nHost: gateway\r\nContent-Length: ").append(body.getBytes(UTF_8).length);
        for (String header : headers) {
            head.append("\r\n").append(header);
        }
        write(client, head.append("\r\n\r\n").append(body).toString());
    }

    static void write(Socket to, String text) throws IOException {
        to.getOutputStream().write(text.getBytes(UTF_8));
        to.getOutputStream().flush();
    }

    /** Reads a request with its body. */
    static String readRequest(Socket upstream) throws IOException {
        InputStream in = upstream.getInputStream();
        String head = readHead(in);
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length: ") + "content-length: ".length();
        int length = Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
        return head + new String(in.readNBytes(length), UTF_8);
    }

    static String readHead(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(UTF_8).endsWith("\r\n\r\n")) {
            int b = in.read();
            if (b < 0) {
                throw new IOException("hung up after: " + head.toString(UTF_8));
            }
            head.write(b);
        }
        return head.toString(UTF_8);
    }
}
