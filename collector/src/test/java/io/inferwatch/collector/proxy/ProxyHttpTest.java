package io.inferwatch.collector.proxy;

import static io.inferwatch.collector.proxy.RawHttp.readHead;
import static io.inferwatch.collector.proxy.RawHttp.readRequest;
import static io.inferwatch.collector.proxy.RawHttp.readUntil;
import static io.inferwatch.collector.proxy.RawHttp.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import java.io.IOException;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Through the proxy goes what HTTP allows and clients seldom send. */
@Timeout(180)
class ProxyHttpTest {
    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";

    private ProxyRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ProxyRig(System::nanoTime, loops());
    }

    EventLoops loops() {
        return new EventLoops(1);
    }

    @AfterEach
    void stop() throws Exception {
        rig.stop();
    }

    /** As Text Generation Inference answers what is no stream: its times in milliseconds. */
    @Test
    void serversOwnTimesInHeaders_areTheRequests() throws Exception {
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nx-queue-time: 12\r\nx-prompt-tokens: 40\r\nx-generated-tokens: 7\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(readHead(client.getInputStream())).containsIgnoringCase("x-queue-time: 12");
            RequestMeasurement record = rig.kept.next();
            assertThat(record.amount(RequestAmount.QUEUE)).hasValue(12_000);
            assertThat(record.amount(RequestAmount.INPUT_TOKENS)).hasValue(40);
            assertThat(record.amount(RequestAmount.OUTPUT_TOKENS)).hasValue(7);
        }
    }

    @Test
    void continue_headAndWebSocket() throws Exception {
        try (Socket client = rig.connect()) {
            write(
                    client,
                    "POST /v1/embeddings HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
            try (Socket upstream = rig.server.accept()) {
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
            try (Socket client = rig.connect();
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
        Socket upstream = rig.server.accept();
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
        try (Socket client = rig.connect();
                Socket upstream = upgraded(client)) {
            write(upstream, "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 404 ");
            assertThat(client.getInputStream().readNBytes(2)).isEqualTo("{}".getBytes(UTF_8));
        }
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(upstream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
            assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 502 ");
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.ERROR);
        }
    }

    /** Chunked requests, early hints, compressed answers and trailers go through; what is compressed is not read. */
    @Test
    void lessUsualHttp_isRelayedAsItIs() throws Exception {
        try (Socket client = rig.connect()) {
            write(
                    client,
                    "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"mod\r\n8\r\nel\":\"m\"}\r\n0\r\n\r\n");
            try (Socket upstream = rig.server.accept()) {
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
                RequestMeasurement record = rig.kept.next();
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

    /** A size in capitals with zeros before it, two chunks in one piece, a cut at each byte: the client gets what the server wrote. */
    @Test
    void chunks_keepTheirFrames() throws Exception {
        String first = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
        String second = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\n";
        String body = "00%X\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n".formatted(first.length(), first, second.length(), second);
        String head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            upstream.setTcpNoDelay(true);
            for (int cut = 0; cut < body.length(); cut++) {
                readRequest(upstream);
                write(upstream, head + body.substring(0, cut));
                readHead(client.getInputStream());
                write(upstream, body.substring(cut));
                assertThat(new String(client.getInputStream().readNBytes(body.length()), UTF_8))
                        .as("cut at %s", cut)
                        .isEqualTo(body);
                assertThat(rig.kept.next().amount(RequestAmount.OUTPUT_TOKENS)).hasValue(2);
                RawHttp.send(client, "1.1", BODY);
            }
        }
    }

    /** What is no plain chunk is read by the book: an extension is dropped, what came before and after it is not. */
    @Test
    void chunksWithExtensions_areReadAsWell() throws Exception {
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n02\r\nab\r\n3;a=b\r\ncde\r\n1\r\nf\r\n0\r\n\r\n");
            readHead(client.getInputStream());
            assertThat(readUntil(client.getInputStream(), "0\r\n\r\n"))
                    .isEqualTo("02\r\nab\r\n3\r\ncde\r\n1\r\nf\r\n0\r\n\r\n");
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.SUCCESS);
        }
    }

    /** As after any answer that breaks off: the client must not take what it has for the whole. */
    @Test
    void aChunkThatIsLongerThanItsSize_cutsTheAnswerOff() throws Exception {
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n0\r\n\r\n");
            readHead(client.getInputStream());
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo("2\r\nab");
            assertThat(upstream.getInputStream().read()).isEqualTo(-1);
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.ERROR);
        }
    }
}
