package io.inferwatch.collector.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.Outcome;
import io.inferwatch.collector.RequestAmount;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.identity.IdentityPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the proxy does when the model server, the way to it, or its own telemetry fails. */
@Timeout(180)
class ProxyFaultsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration LONG = Duration.ofSeconds(50);
    private static final String BODY = "{\"model\":\"m\",\"stream\":true}";
    private static final int MORE_THAN_TELEMETRY_HOLDS = 17 << 20;
    private static final byte TLS_HANDSHAKE = 0x16;
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir
    private Path folder;

    private final List<RequestMeasurement> records = new ArrayList<>();
    private final AtomicBoolean isJournalBroken = new AtomicBoolean();
    private final ProxyTelemetry telemetry = new ProxyTelemetry(
            made -> {
                for (Measurement each : made) {
                    records.add((RequestMeasurement) each);
                }
                return !isJournalBroken.get();
            },
            new IdentityHash(IdentityPolicy.DROP, IdentityKey.of(new byte[32])));
    private final EventLoops loops = new EventLoops(1);
    private final List<Proxy> proxies = new ArrayList<>();
    private ServerSocket server;

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stop() throws Exception {
        for (Proxy proxy : proxies) {
            proxy.stop(Duration.ZERO);
        }
        loops.stop(PATIENCE);
        server.close();
    }

    private Proxy proxy(String scheme, Duration timeout) throws IOException {
        URI upstream = URI.create(scheme + "://127.0.0.1:" + server.getLocalPort());
        Proxy proxy = new Proxy(
                new ProxyTarget("llama", "127.0.0.1", 0, upstream, false), telemetry, loops, timeout, System::nanoTime);
        proxies.add(proxy);
        return proxy;
    }

    private static Socket ask(Proxy proxy, String body) throws IOException {
        Socket client =
                new Socket(InetAddress.getLoopbackAddress(), proxy.address().getPort());
        RawHttp.write(
                client,
                "POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body);
        return client;
    }

    private static String answer(Socket client) throws IOException {
        return new String(client.getInputStream().readAllBytes(), UTF_8);
    }

    private RequestMeasurement record() throws InterruptedException {
        records.clear();
        while (records.isEmpty()) {
            assertThat(telemetry.step(PATIENCE)).as("a record comes").isTrue();
        }
        return records.getFirst();
    }

    private void workOff() throws InterruptedException {
        boolean isBusy = true;
        while (isBusy) {
            isBusy = telemetry.step(Duration.ZERO);
        }
    }

    @Test
    void serverThatSaysNothing_isATimeout() throws Exception {
        try (Socket client = ask(proxy("http", Duration.ofMillis(50)), BODY)) {
            assertThat(answer(client)).startsWith("HTTP/1.1 504 ").contains("said nothing for too long");
            assertThat(record().outcome()).isEqualTo(Outcome.TIMEOUT);
        }
    }

    @Test
    void serverThatNeverAccepts_leavesNothingUnderWay_onceTheClientIsGone() throws Exception {
        Proxy proxy = proxy("http", LONG);
        ask(proxy, BODY).close();
        assertThat(record().outcome()).isEqualTo(Outcome.CLIENT_ABORT);
        assertThat(proxy.inflight()).isZero();
    }

    @Test
    void moreThanTelemetryHolds_isRelayedWhole_andCountedAsNotMeasured() throws Exception {
        Proxy proxy = proxy("http", LONG);
        byte[] body = new byte[MORE_THAN_TELEMETRY_HOLDS];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) ((i * 31) >>> 3);
        }
        try (Socket client = new Socket(
                        InetAddress.getLoopbackAddress(), proxy.address().getPort());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            CompletableFuture<byte[]> arrived = CompletableFuture.supplyAsync(() -> served(body.length), threads);
            OutputStream out = client.getOutputStream();
            out.write(("POST /v1/chat/completions HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: "
                            + body.length + "\r\n\r\n")
                    .getBytes(UTF_8));
            out.write(body);
            assertThat(answer(client)).startsWith("HTTP/1.1 200 ").endsWith("{}");
            assertThat(arrived.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(body);
        }
        workOff();
        assertThat(telemetry.dropped()).isOne();
        assertThat(records).isEmpty();
        assertThat(telemetry.faults()).isZero();

        try (Socket client = ask(proxy, BODY)) {
            CompletableFuture<byte[]> next = CompletableFuture.supplyAsync(() -> served(BODY.length()));
            assertThat(answer(client)).endsWith("{}");
            assertThat(next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(BODY.getBytes(UTF_8));
            assertThat(record().outcome()).as("there is room again").isEqualTo(Outcome.SUCCESS);
        }
    }

    /** Takes one request, answers it and hangs up. */
    private byte[] served(int length) {
        try (Socket upstream = server.accept()) {
            RawHttp.readHead(upstream.getInputStream());
            byte[] body = upstream.getInputStream().readNBytes(length);
            RawHttp.write(
                    upstream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");
            upstream.shutdownOutput();
            return body;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void journalThatTakesNothing_isCounted_andTheAnswerArrives() throws Exception {
        isJournalBroken.set(true);
        Proxy proxy = proxy("http", LONG);
        try (Socket client = ask(proxy, BODY)) {
            CompletableFuture<byte[]> arrived = CompletableFuture.supplyAsync(() -> served(BODY.length()));
            assertThat(answer(client)).endsWith("{}");
            assertThat(arrived.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).hasSize(BODY.length());
        }
        assertThat(record().amount(RequestAmount.LATENCY)).isPresent();
        assertThat(telemetry.dropped()).isOne();
    }

    @Test
    void serverOfHttps_neverSeesPlainText() throws Exception {
        try (Socket client = ask(proxy("https", LONG), BODY);
                Socket upstream = server.accept()) {
            assertThat(upstream.getInputStream().read()).isEqualTo(TLS_HANDSHAKE);
            RawHttp.write(upstream, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
            assertThat(answer(client)).startsWith("HTTP/1.1 502 ").doesNotContain("{}");
            assertThat(record().outcome()).isEqualTo(Outcome.ERROR);
        }
    }

    @Test
    void serverWithACertificateThatNobodyVouchesFor_isNotTalkedTo() throws Exception {
        server.close();
        server = selfSigned().getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress());
        CompletableFuture<Integer> heard = new CompletableFuture<>();
        Thread serving = Thread.ofVirtual().start(() -> {
            try (Socket upstream = server.accept();
                    InputStream in = upstream.getInputStream()) {
                heard.complete(in.read());
            } catch (IOException e) {
                heard.complete(-1);
            }
        });
        try (Socket client = ask(proxy("https", LONG), BODY)) {
            assertThat(answer(client)).startsWith("HTTP/1.1 502 ");
            assertThat(heard.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(-1);
            assertThat(record().outcome()).isEqualTo(Outcome.ERROR);
        }
        serving.join();
    }

    private SSLContext selfSigned() throws Exception {
        Path store = folder.resolve("server.p12");
        Process made = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=127.0.0.1",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        String said = new String(made.getInputStream().readAllBytes(), UTF_8);
        assertThat(made.waitFor()).as(said).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(managers.getKeyManagers(), null, null);
        return context;
    }
}
