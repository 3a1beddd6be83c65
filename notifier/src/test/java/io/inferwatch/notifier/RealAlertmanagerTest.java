package io.inferwatch.notifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpServer;
import io.inferwatch.notifier.testing.Engine;
import io.inferwatch.notifier.testing.Json;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.Yaml;
import io.inferwatch.rules.Tier;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's package {@code prometheus-alertmanager} receives, groups and resolves what the sidecar sends it. */
class RealAlertmanagerTest {
    private static final Path BINARY = Path.of("/usr/bin/prometheus-alertmanager");

    private static final InstantSource WALL_CLOCK = InstantSource.system();

    private final BlockingQueue<Map<String, Object>> told = new LinkedBlockingQueue<>();

    private HttpServer hook() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                String raw = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
                told.add(Json.object(Json.read(raw)));
                exchange.sendResponseHeaders(200, -1);
            }
        });
        server.start();
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Process alertmanager(Path folder, int port, int hookPort) throws IOException {
        Path config = folder.resolve("alertmanager.yml");
        Files.writeString(config, """
                route: {receiver: hook, group_by: [alertname], group_wait: 1s, group_interval: 1s, repeat_interval: 1h}
                receivers:
                  - {name: hook, webhook_configs: [{url: "http://127.0.0.1:%d/", send_resolved: true}]}
                """.formatted(hookPort));
        return new ProcessBuilder(
                        BINARY.toString(),
                        "--config.file=" + config,
                        "--storage.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--cluster.listen-address=")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("alertmanager.log").toFile())
                .start();
    }

    /** Ticks until the newest notices say this of both alerts; group timers may tell of them apart. */
    private Map<String, Object> await(Sidecar sidecar, String status) throws InterruptedException {
        Map<String, String> byModel = new TreeMap<>();
        Map<String, String> wanted = Map.of("llama", status, "qwen", status);
        for (int second = 0; second < 60; second++) {
            sidecar.clock.advance(Duration.between(sidecar.clock.instant(), WALL_CLOCK.instant()));
            sidecar.tick();
            Map<String, Object> notice = told.poll(1, TimeUnit.SECONDS);
            for (Object each : notice == null ? List.of() : Json.list(notice.get("alerts"))) {
                Map<String, Object> alert = Json.object(each);
                String model = Json.text(Json.object(alert.get("labels")).get("model"));
                byModel.put(model, Json.text(alert.get("status")));
            }
            if (notice != null && byModel.equals(wanted)) {
                return notice;
            }
        }
        throw new AssertionError("within a minute Alertmanager told " + byModel + ", not " + wanted);
    }

    @Test
    void receivesGroupsAndResolves(@TempDir Path folder) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(BINARY), "not run: " + BINARY + " is not installed");
        HttpServer hook = hook();
        int port = freePort();
        String url = "http://127.0.0.1:" + port;
        Process process = alertmanager(folder, port, hook.getAddress().getPort());
        try (Sidecar sidecar = new Sidecar(folder, List.of(url))) {
            sidecar.routeAllTo(Yaml.receiver("am", "alertmanager", Map.of("urls", List.of(url))));
            sidecar.firing.put(Engine.key("ttft_slow", "model", "llama"), Tier.P1);
            sidecar.firing.put(Engine.key("ttft_slow", "model", "qwen"), Tier.P2);

            Map<String, Object> firing = await(sidecar, "firing");
            assertThat(Json.list(firing.get("alerts"))).as("one group").hasSize(2);
            assertThat(Json.object(firing.get("groupLabels"))).containsEntry("alertname", "ttft_slow");
            assertThat(firing.toString()).contains("severity=P1", "severity=P2", "model=llama", "model=qwen");
            assertThat(Json.object(firing.get("commonAnnotations")).get("runbook_url"))
                    .isEqualTo("https://runbooks.example/ttft");

            sidecar.firing.clear();
            assertThat(Json.text(await(sidecar, "resolved").get("status"))).isEqualTo("resolved");
        } finally {
            process.destroy();
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
            hook.stop(0);
        }
    }
}
