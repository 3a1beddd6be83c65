package io.inferwatch.collector.proxy;

import static io.inferwatch.collector.proxy.RawHttp.readHead;
import static io.inferwatch.collector.proxy.RawHttp.readRequest;
import static io.inferwatch.collector.proxy.RawHttp.send;
import static io.inferwatch.collector.proxy.RawHttp.write;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.RequestAmount;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A proxy that has tokens counted, between a client and a server on sockets of their own. */
@Timeout(180)
class UsageInjectorTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String JSON = "Content-Type: application/json";
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n";
    private static final String TOKENS = String.join(
            "",
            "data: {\"choices\":[{\"delta\":{\"content\":\"Grü\"}}],\"usage\":null}\n\n",
            ": alive\r\n\r\n",
            "data: {\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{}\"}}],\"usage\":null}\n\n");
    private static final String USAGE =
            "data: {\"id\":\"1\",\"choices\":[],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":2}}\n\n";
    private static final String DONE = "data: [DONE]\n\n";

    private final KeptRecords kept = new KeptRecords();
    private final EventLoops loops = new EventLoops(1);
    private ServerSocket server;
    private Proxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        proxy = new Proxy(
                new ProxyTarget("llama", "127.0.0.1", 0, URI.create("http://127.0.0.1:" + server.getLocalPort()), true),
                kept.telemetry,
                loops,
                Duration.ofSeconds(30),
                () -> 0);
    }

    @AfterEach
    void stop() throws Exception {
        proxy.stop(Duration.ZERO);
        loops.stop(PATIENCE);
        server.close();
    }

    @Test
    void stream_cutAtEveryByte_isCounted_andReachesTheClientWithoutTheCount() throws Exception {
        byte[] stream = (TOKENS + USAGE + DONE).getBytes(UTF_8);
        for (int cut = 1; cut < stream.length; cut++) {
            try (Socket client = ask(" {\"model\":\"m\",\"stream\":true}", JSON);
                    Socket upstream = server.accept()) {
                assertThat(readRequest(upstream))
                        .endsWith(
                                "\r\n\r\n {\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"stream\":true}");
                upstream.getOutputStream().write(HEAD.getBytes(UTF_8));
                upstream.getOutputStream().write(stream, 0, cut);
                readHead(client.getInputStream());
                upstream.getOutputStream().write(stream, cut, stream.length - cut);
                upstream.shutdownOutput();
                assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                        .as("cut at %s", cut)
                        .isEqualTo(TOKENS + DONE);
            }
            assertThat(kept.next().amount(RequestAmount.OUTPUT_TOKENS))
                    .as("cut at %s", cut)
                    .hasValue(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{\"include_usage\":true}}",
                "{\"model\":\"m\",\"stream\":true,\"stream_options\":{}}",
                "{\"model\":\"m\",\"stream\":false}",
                "{\"model\":\"m\",\"options\":{\"stream\":true}}",
                "{\"model\":\"m\",\"stream\":true}}",
                "{\"model\":\"m\",\"stream\":true",
                "[]",
                ""
            })
    void whoSaysWhatIsWanted_orWhatIsNotUnderstood_isRelayedAsItIs(String body) throws Exception {
        try (Socket client = ask(body, JSON);
                Socket upstream = server.accept()) {
            assertThat(readRequest(upstream)).endsWith("\r\n\r\n" + body);
            write(upstream, HEAD + TOKENS + USAGE + DONE);
            upstream.shutdownOutput();
            readHead(client.getInputStream());
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(TOKENS + USAGE + DONE);
        }
    }

    @Test
    void answerThatIsNoStream_isRelayedAsItIs() throws Exception {
        String refusal = "{\"choices\":[],\"usage\":{}}\n\n";
        try (Socket client = ask("{\"model\":\"m\",\"stream\":true}", JSON);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            write(
                    upstream,
                    "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: " + refusal.length()
                            + "\r\n\r\n" + refusal);
            readHead(client.getInputStream());
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(refusal);
        }
    }

    @Test
    void largeBody_andManyEventsWithoutEnd_goOn() throws Exception {
        String body = "{\"model\":\"m\",\"prompt\":\"" + "x".repeat(9 << 20) + "\",\"stream\":true}";
        String event = "data: {\"choices\":[],\"usage\":{\"note\":\"" + "y".repeat(40_000) + "\"}}\n\n";
        try (Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort())) {
            Thread sending = Thread.ofPlatform().start(() -> sendQuietly(client, body));
            try (Socket upstream = server.accept()) {
                assertThat(readRequest(upstream)).endsWith(body);
            }
            sending.join();
        }
        try (Socket client = ask("{\"model\":\"m\",\"stream\":true}", JSON);
                Socket upstream = server.accept()) {
            readRequest(upstream);
            write(upstream, HEAD + event + USAGE + DONE);
            upstream.shutdownOutput();
            readHead(client.getInputStream());
            assertThat(new String(client.getInputStream().readAllBytes(), UTF_8))
                    .isEqualTo(event + DONE);
        }
    }

    private static void sendQuietly(Socket client, String body) {
        try {
            send(client, "1.0", body, JSON);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket ask(String body, String... headers) throws IOException {
        Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
        send(client, "1.0", body, headers);
        return client;
    }
}
