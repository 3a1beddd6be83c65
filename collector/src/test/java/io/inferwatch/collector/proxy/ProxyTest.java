package io.inferwatch.collector.proxy;

import static io.inferwatch.collector.proxy.RawHttp.readHead;
import static io.inferwatch.collector.proxy.RawHttp.readRequest;
import static io.inferwatch.collector.proxy.RawHttp.send;
import static io.inferwatch.collector.proxy.RawHttp.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.inferwatch.collector.Observer;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.SampleMeasurement;
import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The proxy between a client and a server on sockets of their own; only its clock is the test's. */
@Timeout(180)
class ProxyTest {
    private static final long MILLI = 1_000_000;
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
    private ProxyRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ProxyRig(nanos::get);
    }

    @AfterEach
    void stop() throws Exception {
        rig.stop();
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
            try (Socket client = rig.client("1.0", BODY);
                    Socket upstream = rig.server.accept()) {
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
            RequestMeasurement record = rig.kept.next();
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
        try (Socket client = rig.client("1.0", BODY);
                Socket upstream = rig.server.accept()) {
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
        assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.SUCCESS);

        assertThat(rig.kept.samples)
                .extracting(sample -> sample.metric().name(), SampleMeasurement::scaledValue, SampleMeasurement::weight)
                .containsExactlyInAnyOrder(
                        tuple("llm.inter_chunk", 30_008L, 2L), tuple("llm.inter_chunk", 40_016L, 1L));
        assertThat(rig.kept.samples.getFirst().labels().asMap())
                .containsEntry("server", "llama")
                .containsEntry("model", "m")
                .containsEntry("observer", "proxy")
                .containsEntry("outcome", "success");
    }

    @Test
    void heads_keepWhatIsTheirsAndLoseWhatIsTheConnections() throws Exception {
        try (Socket client = rig.client(
                        "1.1",
                        BODY,
                        "X-Request-Id: r-1",
                        "X-LLM-Tenant: acme",
                        "Connection: keep-alive, X-Hop",
                        "X-Hop: 1",
                        "Authorization: Bearer secret",
                        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
                Socket upstream = rig.server.accept()) {
            String asked = readRequest(upstream);
            assertThat(asked)
                    .startsWith("POST /v1/chat/completions HTTP/1.1\r\n")
                    .containsIgnoringCase("host: 127.0.0.1:" + rig.server.getLocalPort())
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
            RequestMeasurement record = rig.kept.next();
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
            assertThat(rig.kept.next().attempt()).isEqualTo(2);
        }
    }

    @Test
    void clientThatHangsUp_isAnAbortAndTheServerHearsOfIt() throws Exception {
        Socket client = rig.client("1.1", BODY);
        try (Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            assertThat(rig.proxy.inflight()).isOne();
            nanos.set(7 * MILLI);
            assertThat(rig.proxy.oldestNanos()).isEqualTo(7 * MILLI);
            client.close();
            assertThat(upstream.getInputStream().read()).isEqualTo(-1);
            RequestMeasurement record = rig.kept.next();
            assertThat(record.outcome()).isEqualTo(Outcome.CLIENT_ABORT);
            assertThat(record.amount(RequestAmount.LATENCY)).hasValue(7_000);
            assertThat(rig.proxy.inflight()).isZero();
        }
    }

    @Test
    void serverThatHangsUp_isAnError_andTheClientSeesTheCut() throws Exception {
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n: \r\n");
            readHead(client.getInputStream());
            upstream.shutdownOutput();
            String rest = new String(client.getInputStream().readAllBytes(), UTF_8);
            assertThat(rest).doesNotContain("0\r\n\r\n");
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.ERROR);
        }
        rig.server.close();
        try (Socket client = rig.client("1.1", BODY)) {
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 502 ");
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.ERROR);
            assertThat(rig.proxy.isUp()).isFalse();
        }
    }

    @Test
    void largeBodies_goThroughBothWays_thoughNobodyReadsForAWhile() throws Exception {
        String large = "x".repeat(20 << 20);
        try (Socket client = rig.connect()) {
            Thread sending = Thread.ofPlatform().start(() -> {
                try {
                    send(client, "1.1", large);
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            try (Socket upstream = rig.server.accept()) {
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
}
