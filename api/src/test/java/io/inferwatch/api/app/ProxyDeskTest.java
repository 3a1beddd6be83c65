package io.inferwatch.api.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.sun.net.httpserver.HttpServer;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.identity.IdentityPolicy;
import io.inferwatch.collector.proxy.ProxyTarget;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Proxies before a server that streams byte by byte: one within a whole sidecar, one of its own beside it. */
@Timeout(60)
class ProxyDeskTest {
    private static final int STREAMS = 20;
    private static final String ANSWER = String.join(
            "\n\n",
            "data: {\"model\":\"llama\",\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}",
            "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
            "data: {\"choices\":[{\"delta\":{\"content\":\"b\"},\"finish_reason\":\"stop\"}]}",
            "data: [DONE]\n\n");

    @TempDir
    private Path directory;

    private Configuration configuration(String servers, int port) throws IOException {
        Path file = Files.writeString(directory.resolve("inferwatch.yml"), servers);
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("data.dir", directory.resolve("data").toString());
        settings.put("http.port", Integer.toString(port));
        settings.put("gpu.enabled", "false");
        return ConfigReader.read(Optional.of(file), Map.of(), settings);
    }

    private static String server(String name, String process, HttpServer upstream) {
        return "  - {name: " + name + ", proxy: {listen: \"127.0.0.1:0\", process: " + process
                + ", upstream: \"http://127.0.0.1:" + upstream.getAddress().getPort() + "\"}}\n";
    }

    @Test
    void manyStreams_areRelayedWhole_andEachIsCountedOnce_whereverTheProxyRuns() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                HttpClient client = HttpClient.newBuilder().executor(threads).build()) {
            HttpServer upstream = streaming(threads);
            String servers = "servers:\n" + server("writer", "sidecar", upstream) + server("reader", "own", upstream);
            try (Sidecar sidecar = Sidecar.start(configuration(servers, 0), Sidecar.Options.of(Map.of()))) {
                int port = URI.create(sidecar.address()).getPort();
                try (ProxyProcess apart = ProxyProcess.start(configuration(servers, port))) {
                    assertThat(apart.readyLine()).contains("reader on 127.0.0.1:");
                    for (String name : List.of("writer", "reader")) {
                        ask(client, awaited(sidecar, name).listen());
                    }
                }
                // The process apart has handed over all it saw before it ended.
                for (String name : List.of("writer", "reader")) {
                    awaitCount(client, sidecar, "llm.ttft", name);
                    awaitCount(client, sidecar, "llm.inter_chunk", name);
                }
                String sources = get(client, sidecar.address() + "/api/v1/sources");
                assertThat(sources).contains("\"process\":\"own\"").contains("\"process\":\"sidecar\"");
                assertThat(sidecar.parts().proxies().dropped()).isZero();
            } finally {
                upstream.stop(0);
            }
        }
    }

    private static ProxyStatus awaited(Sidecar sidecar, String name) {
        while (true) {
            Optional<ProxyStatus> told = sidecar.parts().proxyGauges().all().stream()
                    .filter(each -> each.server().equals(name))
                    .findFirst();
            if (told.isPresent()) {
                return told.get();
            }
            Thread.onSpinWait();
        }
    }

    private static void ask(HttpClient client, String listen) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + listen + "/v1/chat/completions"))
                .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"llama\",\"stream\":true}"))
                .build();
        List<CompletableFuture<HttpResponse<String>>> asked = IntStream.range(0, STREAMS)
                .mapToObj(i -> client.sendAsync(request, HttpResponse.BodyHandlers.ofString()))
                .toList();
        for (CompletableFuture<HttpResponse<String>> each : asked) {
            assertThat(each.get().body()).isEqualTo(ANSWER);
        }
    }

    private static void awaitCount(HttpClient client, Sidecar sidecar, String metric, String name) throws Exception {
        String counted = "";
        while (!counted.contains("\"count\":" + STREAMS)) {
            counted = get(
                    client,
                    sidecar.address() + "/api/v1/percentiles?metric=" + metric + "&p=50&from=-15m&where=server:"
                            + name);
        }
        assertThat(counted).contains("\"observer\":\"proxy\"");
    }

    private static String get(HttpClient client, String address) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    @Test
    void proxiesOfFiles_comeAndGo_andOneThatChangesIsOpenedAnew() {
        Lifecycle lifecycle = new Lifecycle();
        IdentityHash names = new IdentityHash(IdentityPolicy.CLEAR, IdentityKey.of(new byte[32]));
        ProxyDesk desk =
                new ProxyDesk(ProxyDesk.Manner.SIDECAR, made -> true, names, told -> {}, InstantSource.system());
        try (lifecycle) {
            desk.open(
                    List.of(ProxyTarget.of("fixed", "127.0.0.1:0", "http://127.0.0.1:1", false)),
                    true,
                    lifecycle,
                    () -> 0);
            desk.keep(List.of(ProxyTarget.of("filed", "127.0.0.1:0", "http://127.0.0.1:1", false)));
            desk.keep(List.of(ProxyTarget.of("filed", "127.0.0.1:0", "http://127.0.0.1:2", false)));
            assertThat(desk.statuses())
                    .extracting(ProxyStatus::server, ProxyStatus::upstream)
                    .containsExactly(tuple("fixed", "http://127.0.0.1:1"), tuple("filed", "http://127.0.0.1:2"));
            desk.keep(List.of());
            assertThat(desk.statuses()).extracting(ProxyStatus::server).containsExactly("fixed");
        }
    }

    /** At an address of its own, which no other program of the machine uses. */
    @Test
    void aProxyWhoseAddressIsTaken_isOpenedOnceThatIsFree() throws IOException {
        Lifecycle lifecycle = new Lifecycle();
        IdentityHash names = new IdentityHash(IdentityPolicy.CLEAR, IdentityKey.of(new byte[32]));
        ProxyDesk desk =
                new ProxyDesk(ProxyDesk.Manner.SIDECAR, made -> true, names, told -> {}, InstantSource.system());
        try (lifecycle) {
            desk.open(List.of(), true, lifecycle, () -> 0);
            try (ServerSocket other = new ServerSocket(0, 1, InetAddress.ofLiteral("127.83.19.7"))) {
                String listen = "127.83.19.7:" + other.getLocalPort();
                desk.keep(List.of(ProxyTarget.of("filed", listen, "http://127.0.0.1:1", false)));
                desk.retry();
                assertThat(desk.statuses()).isEmpty();
            }
            desk.retry();
            assertThat(desk.statuses()).extracting(ProxyStatus::server).containsExactly("filed");
        }
    }

    @Test
    void nothingToOpen_isSaid() throws IOException {
        Configuration none = configuration("servers: []\n", 9477);
        assertThatThrownBy(() -> ProxyProcess.start(none))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("process: own");
    }

    private static HttpServer streaming(ExecutorService threads) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), STREAMS);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (byte b : ANSWER.getBytes(StandardCharsets.UTF_8)) {
                    out.write(b);
                    out.flush();
                }
            }
        });
        server.start();
        return server;
    }
}
