package io.inferwatch.collector.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.inferwatch.collector.scrape.page.Page;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Over real sockets, with servers that do what they should not. */
class HttpPagesTest {
    /** Nothing here waits for it: only a page that never ends is waited for to its deadline. */
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final byte[] PAGE = "a 1\n".getBytes(StandardCharsets.UTF_8);

    private final HttpPages pages = new HttpPages();
    private final CountDownLatch done = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    private interface Behaviour {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        done.countDown();
        server.stop(0);
        threads.shutdownNow();
        pages.close();
    }

    private PageSource.Fetched fetch(Behaviour behaviour, Duration timeout) throws InterruptedException {
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                behaviour.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return pages.within(timeout).fetch(address());
    }

    private URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/metrics");
    }

    private static String reason(PageSource.Fetched fetched) {
        assertThat(fetched).isInstanceOf(PageSource.Fetched.Failed.class);
        return ((PageSource.Fetched.Failed) fetched).reason();
    }

    private static String text(PageSource.Fetched fetched) {
        assertThat(fetched).isInstanceOf(PageSource.Fetched.Failed.class);
        return ((PageSource.Fetched.Failed) fetched).text();
    }

    @Test
    void aPage_isFetchedWithItsType_andUnpacked() throws InterruptedException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        PageSource.Fetched fetched = fetch(
                exchange -> {
                    assertThat(exchange.getRequestHeaders().getFirst("Accept")).contains("text/plain;version=0.0.4");
                    try (OutputStream out = new GZIPOutputStream(packed)) {
                        out.write(PAGE);
                    }
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    exchange.getResponseHeaders().set("Content-Type", "text/plain");
                    exchange.sendResponseHeaders(200, packed.size());
                    exchange.getResponseBody().write(packed.toByteArray());
                },
                LONG);
        assertThat(fetched).isInstanceOf(PageSource.Fetched.Got.class);
        PageSource.Fetched.Got got = (PageSource.Fetched.Got) fetched;
        assertThat(got.bytes()).isEqualTo(PAGE);
        assertThat(got.contentType()).isEqualTo("text/plain");
    }

    @Test
    void aBodyThatNeverEnds_isGivenUpAtTheDeadline() throws InterruptedException {
        PageSource.Fetched fetched = fetch(
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(PAGE);
                    exchange.getResponseBody().flush();
                    done.await();
                },
                Duration.ofMillis(300));
        assertThat(reason(fetched)).isEqualTo("no whole answer within 300 ms");
    }

    @Test
    void aBodyWithoutBounds_isGivenUp() throws InterruptedException {
        byte[] chunk = new byte[1 << 20];
        PageSource.Fetched fetched = fetch(
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    for (int i = 0; i < 64; i++) {
                        exchange.getResponseBody().write(chunk);
                    }
                },
                LONG);
        assertThat(reason(fetched)).isEqualTo("the page has more than 16 MiB");
    }

    @Test
    void aFewBytesThatUnpackToALot_areRefused() throws InterruptedException {
        PageSource.Fetched fetched = fetch(
                exchange -> {
                    ByteArrayOutputStream packed = new ByteArrayOutputStream();
                    try (OutputStream out = new GZIPOutputStream(packed)) {
                        for (int i = 0; i < 32; i++) {
                            out.write(new byte[1 << 20]);
                        }
                    }
                    assertThat(packed.size()).isLessThan(Page.MOST_BYTES / 100);
                    exchange.getResponseHeaders().set("Content-Encoding", "gzip");
                    exchange.sendResponseHeaders(200, packed.size());
                    exchange.getResponseBody().write(packed.toByteArray());
                },
                LONG);
        assertThat(reason(fetched)).contains("16 MiB");
    }

    @Test
    void aRedirect_isNotFollowed_andNamed() throws InterruptedException {
        PageSource.Fetched fetched = fetch(
                exchange -> {
                    exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest");
                    exchange.sendResponseHeaders(302, -1);
                },
                LONG);
        assertThat(reason(fetched))
                .isEqualTo("answers 302 and points to http://169.254.169.254/latest; give that address as scrape");
    }

    @ParameterizedTest
    @CsvSource({
        "404, answers 404 at /metrics; give the path",
        "401, answers 401 at /metrics; let this host read the page without credentials",
        "503, answers 503 at /metrics; the log of the server says why",
    })
    void aStatusThatIsNoPage_isTold_withItsRemedy(int status, String told) throws InterruptedException {
        assertThat(text(fetch(exchange -> exchange.sendResponseHeaders(status, -1), LONG)))
                .startsWith(told);
    }

    @Test
    void aClosedPort_andANameNobodyKnows_areTold() throws InterruptedException, IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        assertThat(reason(pages.within(LONG).fetch(URI.create("http://127.0.0.1:" + free + "/"))))
                .isEqualTo("nothing listens there (connection refused)");
        assertThat(reason(pages.within(LONG).fetch(URI.create("http://no.such.host.invalid/metrics"))))
                .isEqualTo("no address is known of no.such.host.invalid");
    }

    @Test
    void addresses_areCheckedBeforeTheyAreUsed() {
        for (String wrong : new String[] {"", "metrics", "ftp://a/metrics", "file:///etc/passwd", "http:///metrics"}) {
            assertThatThrownBy(() -> new ScrapeTarget("s", URI.create(wrong), ScrapeTarget.DEFAULT_INTERVAL))
                    .hasMessageStartingWith("scrape: ");
        }
        assertThatThrownBy(() ->
                        new ScrapeTarget("s", URI.create("http://me:secret@h/metrics"), ScrapeTarget.DEFAULT_INTERVAL))
                .hasMessageContaining("credentials")
                .message()
                .doesNotContain("secret");
        assertThatThrownBy(() -> new ScrapeTarget("s", URI.create("http://h/metrics"), Duration.ofMinutes(5)))
                .hasMessageContaining("give 1s to 30s");
    }
}
