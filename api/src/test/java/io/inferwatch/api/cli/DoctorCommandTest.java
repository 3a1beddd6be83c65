package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.inferwatch.gpu.testing.ScriptedNvml;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoctorCommandTest {
    @TempDir
    Path folder;

    private final PrintStream stdout = System.out;
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
    private String port = "";
    private String config = "";

    @BeforeEach
    void freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            port = Integer.toString(socket.getLocalPort());
        }
        config = "rules: {file: %s}\n".formatted(folder.resolve("rules.yml"));
    }

    @AfterEach
    void giveBack() {
        System.setOut(stdout);
    }

    private int doctor(String... options) throws IOException {
        Path file = Files.writeString(folder.resolve("inferwatch.yml"), config);
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        List<String> words = new ArrayList<>(List.of("doctor", "--config", file.toString(), "--port", port));
        words.addAll(List.of("--data", folder.resolve("data").toString()));
        words.addAll(List.of(options));
        return InferwatchCommand.execute(words.toArray(String[]::new));
    }

    private String said() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    private void rules(String receiver) throws IOException {
        Files.writeString(folder.resolve("rules.yml"), """
                version: 1
                include: [builtin]
                receivers: {pager: %s}
                routes: [{to: [pager]}]
                """.formatted(receiver));
    }

    @Test
    void findsNothingWrong_whenAllIsWell() throws IOException {
        rules("{type: console}");
        config += "gpu: {enabled: false}\n";

        assertThat(doctor()).as(said()).isZero();
        assertThat(said())
                .contains("ok", "java", "data directory", "disk", "clock", "port", "rules", "receiver pager")
                .contains("nvml", "switched off by gpu.enabled: false");
    }

    @Test
    void saysEachUnsupportedReadingOnceAndTheSickGpu_whenNvmlAnswers() throws IOException {
        rules("{type: console}");
        ScriptedNvml nvml = ScriptedNvml.compile(folder)
                .script("gpus 2", "call nvmlDeviceGetPowerUsage ret=3", "field 1 230 2 u32");
        config += "gpu: {library: %s, interval: 100ms}\n".formatted(nvml.library());

        assertThat(doctor()).isEqualTo(InferwatchCommand.WRONG);
        assertThat(said())
                .contains("driver 590.48.01, 2 GPUs")
                .containsPattern("WRONG +gpu 1 +failing: the driver asks for recovery: node reboot")
                .containsOnlyOnce("gpu.power is unsupported on every GPU");
        assertThat(nvml.faults()).isEmpty();
    }

    @Test
    void hasALineForWhatAnOlderDriverLacks_andForWhatIsForbidden() throws IOException {
        rules("{type: console}");
        ScriptedNvml nvml = ScriptedNvml.compile(folder, "GPM", "nvmlDeviceGetMemoryInfo_v2")
                .script("gpus 2", "call nvmlDeviceGetTemperature gpu=1 ret=4");
        config += "gpu: {library: %s, interval: 100ms}\n".formatted(nvml.library());

        doctor();

        assertThat(said())
                .containsOnlyOnce("gpu.sm.occupancy is unsupported on every GPU")
                .containsOnlyOnce("gpu.memory.reserved is unsupported on every GPU")
                .containsOnlyOnce("gpu.temperature is no permission on GPU 1")
                .doesNotContain("gpu.sm.utilization is")
                .doesNotContain("gpu.memory.used is");
        assertThat(nvml.faults()).isEmpty();
    }

    @Test
    void namesTheRemedy_whenASecretCannotBeRead() throws IOException {
        rules("{type: pagerduty, routing_key: {file: /no/such/key}}");
        config += "gpu: {enabled: false}\n";
        assertThat(doctor()).isEqualTo(InferwatchCommand.WRONG);
        assertThat(said()).contains("routing_key: /no/such/key cannot be read").doesNotContain("Exception");
    }

    @Test
    void showsEachValueWithItsOriginAndNoSecret_whenAskedForTheConfiguration() throws IOException {
        config += "store: {url: \"jdbc:postgresql://db/x?user=a&password=hunter2\"}\n";

        assertThat(doctor("--print-config")).isZero();
        assertThat(said())
                .containsPattern("http\\.port +" + port + " +flag")
                .containsPattern("journal\\.ack +process +default")
                .containsPattern("store\\.url +jdbc:postgresql://db/x\\?user=a&password=<hidden> +inferwatch\\.yml:2")
                .doesNotContain("hunter2");
    }

    @Test
    void saysHowEachServerIsRead_andWhichCannotBe() throws IOException {
        rules("{type: console}");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                byte[] page = """
                        # TYPE llamacpp:requests_processing gauge
                        llamacpp:requests_processing 1
                        # TYPE llamacpp:n_decode_total counter
                        llamacpp:n_decode_total 9
                        """.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        server.start();
        config += """
                gpu: {enabled: false}
                servers:
                  - {name: small, scrape: "http://127.0.0.1:%d/metrics"}
                  - {name: gone, scrape: "http://127.0.0.1:%s/metrics"}
                """.formatted(server.getAddress().getPort(), port);
        try {
            assertThat(doctor()).as(said()).isEqualTo(InferwatchCommand.WRONG);
        } finally {
            server.stop(0);
        }
        assertThat(said())
                .containsPattern("ok +server small +llama.cpp at .*: 1 metrics understood, 1 families ignored")
                .contains("the server has no latency histograms: the proxy sees latencies")
                .containsPattern("WRONG +server gone .*nothing listens there");
    }

    @Test
    void aPageThatHoldsNothingKnown_isWrong_andSoIsAProxyThatNobodyRuns() throws IOException {
        rules("{type: console}");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/metrics", exchange -> {
            try (exchange) {
                byte[] page = "# TYPE node_load1 gauge\nnode_load1 1\n".getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(200, page.length);
                exchange.getResponseBody().write(page);
            }
        });
        server.start();
        int up = server.getAddress().getPort();
        config += """
                gpu: {enabled: false}
                servers:
                  - {name: other, scrape: "http://127.0.0.1:%d/metrics"}
                  - {name: inside, proxy: {listen: "127.0.0.1:%s", upstream: "http://127.0.0.1:%d"}}
                  - {name: apart, proxy: {listen: "127.0.0.1:%s", upstream: "http://127.0.0.1:%d", process: own}}
                  - {name: down, proxy: {listen: "127.0.0.1:0", upstream: "http://127.0.0.1:%s"}}
                  - {name: taken, proxy: {listen: "127.0.0.1:%d", upstream: "http://127.0.0.1:%d"}}
                """.formatted(up, port, up, port, up, port, up, up);
        try {
            assertThat(doctor()).as(said()).isEqualTo(InferwatchCommand.WRONG);
        } finally {
            server.stop(0);
        }
        assertThat(said())
                .containsPattern("WRONG +server other .*nothing on the page is known; point scrape at")
                .containsPattern("ok +proxy inside .* is free, and .* takes connections")
                .containsPattern("note +proxy apart .*; start inferwatch proxy")
                .containsPattern("WRONG +proxy down .* takes no connection; see whether the model server runs")
                .containsPattern("WRONG +proxy taken .* is taken by another program; free the port");
    }

    @Test
    void aPriceTable_isReadAsTheSidecarReadsIt() throws IOException {
        rules("{type: console}");
        Path prices = folder.resolve("prices.json");
        config += "gpu: {enabled: false}\nprices: {file: %s}\n".formatted(prices);
        assertThat(doctor()).isEqualTo(InferwatchCommand.WRONG);
        assertThat(said()).containsPattern("WRONG +prices .*; correct prices.file");
        Files.writeString(prices, "{\"m\":{\"input_cost_per_token\":1e-6,\"output_cost_per_token\":2e-6}}");
        printed.reset();
        assertThat(doctor()).as(said()).isZero();
        assertThat(said()).containsPattern("ok +prices .*: 1 models priced");
        Files.writeString(prices, "{ broken");
        printed.reset();
        assertThat(doctor()).isEqualTo(InferwatchCommand.WRONG);
        assertThat(said()).containsPattern("WRONG +prices .*is no JSON at line 1");
    }
}
