package io.inferwatch.collector.proxy;

import static io.inferwatch.collector.proxy.RawHttp.readHead;
import static io.inferwatch.collector.proxy.RawHttp.readRequest;
import static io.inferwatch.collector.proxy.RawHttp.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Outcome;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a stop lets end, and what it cuts. */
@Timeout(180)
class ProxyStopTest {
    private static final long LOOK_NANOS = 1_000_000;
    private static final String STREAM = "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: [DONE]\n\n";
    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";

    private ProxyRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new ProxyRig(System::nanoTime);
    }

    @AfterEach
    void stop() throws Exception {
        rig.stop();
    }

    /** @return how many the stop will have cut */
    private CompletableFuture<Integer> stopping() {
        CompletableFuture<Integer> cut = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                cut.complete(rig.proxy.stop(ProxyRig.PATIENCE));
            } catch (InterruptedException e) {
                cut.completeExceptionally(e);
            }
        });
        while (isTaking()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return cut;
    }

    private boolean isTaking() {
        try (Socket probe = rig.connect()) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static int told(CompletableFuture<Integer> cut) throws Exception {
        return cut.get(ProxyRig.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static Socket patient(Socket client) throws IOException {
        client.setSoTimeout((int) ProxyRig.PATIENCE.toMillis() / 2);
        return client;
    }

    @Test
    void theStreamUnderWay_ends() throws Exception {
        try (Socket client = rig.client("1.1", BODY);
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            CompletableFuture<Integer> cut = stopping();
            write(upstream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + STREAM);
            upstream.shutdownOutput();
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .contains("[DONE]");
            assertThat(told(cut)).isZero();
            assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.SUCCESS);
        }
    }

    /** Its answer had begun and promised to keep the connection: it is closed all the same, or the stop would wait for the client. */
    @Test
    void aConnectionThatIsKeptAlive_endsWithTheAnswerUnderWay() throws Exception {
        try (Socket client = patient(rig.client("1.1", BODY));
                Socket upstream = rig.server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " + STREAM.length()
                            + "\r\n\r\n");
            readHead(client.getInputStream());
            CompletableFuture<Integer> cut = stopping();
            write(upstream, STREAM);
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(STREAM);
            assertThat(told(cut)).isZero();
        }
    }

    /** The bytes of a WebSocket are a stream as well. */
    @Test
    void aWebSocket_goesOnUntilItEnds() throws Exception {
        try (Socket client = patient(rig.connect());
                Socket upstream = webSocket(client)) {
            CompletableFuture<Integer> cut = stopping();
            write(client, "ping");
            assertThat(upstream.getInputStream().readNBytes(4)).isEqualTo("ping".getBytes(UTF_8));
            write(upstream, "pong");
            assertThat(client.getInputStream().readNBytes(4)).isEqualTo("pong".getBytes(UTF_8));
            upstream.shutdownOutput();
            assertThat(client.getInputStream().read()).isEqualTo(-1);
            assertThat(told(cut)).isZero();
        }
    }

    private Socket webSocket(Socket client) throws IOException {
        write(
                client,
                "GET /v1/realtime HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        Socket upstream = rig.server.accept();
        readHead(upstream.getInputStream());
        write(upstream, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
        assertThat(readHead(client.getInputStream())).startsWith("HTTP/1.1 101 ");
        return upstream;
    }

    /** A connection at rest is no loss; a request that is not measured and a WebSocket are. The client did not abort: it was cut. */
    @Test
    void whatIsUnderWayAtTheEnd_isCutAndCounted() throws Exception {
        try (Socket resting = patient(rig.connect());
                Socket stream = rig.client("1.1", BODY);
                Socket streaming = rig.server.accept()) {
            readRequest(streaming);
            write(streaming, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + STREAM);
            readHead(stream.getInputStream());
            try (Socket plain = rig.connect();
                    Socket listing = asked(plain);
                    Socket webSocket = rig.connect();
                    Socket tunnel = webSocket(webSocket)) {
                assertThat(rig.proxy.stop(Duration.ZERO)).isEqualTo(3);

                assertThat(resting.getInputStream().read()).isEqualTo(-1);
                assertThat(plain.getInputStream().read()).isEqualTo(-1);
                assertThat(listing.getInputStream().read()).isEqualTo(-1);
                assertThat(webSocket.getInputStream().read()).isEqualTo(-1);
                assertThat(tunnel.getInputStream().read()).isEqualTo(-1);
                assertThat(rig.kept.next().outcome()).isEqualTo(Outcome.ERROR);
            }
        }
    }

    private Socket asked(Socket client) throws IOException {
        write(client, "GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n");
        Socket upstream = rig.server.accept();
        readHead(upstream.getInputStream());
        return upstream;
    }
}
