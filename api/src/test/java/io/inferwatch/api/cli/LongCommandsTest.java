package io.inferwatch.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands that take their time say how far they are, on standard error alone: what they print can be piped. */
class LongCommandsTest {
    private static final String REPORT = """
            {"from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z", "complete": true, "ticks": 5, "skipped_ticks": 0,
             "warnings": [], "rules": [], "alerts": [], "alerts_left_out": 0}""";
    private static final String HALFWAY = """
            {"running": true, "from": "2026-01-05T00:00:00Z", "to": "2026-01-06T00:00:00Z", "at": "2026-01-05T12:00:00Z"}""";

    @TempDir
    Path folder;

    private final StandardStreams streams = new StandardStreams();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer sidecar;

    LongCommandsTest() throws IOException {
        sidecar = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        sidecar.setExecutor(threads);
    }

    @BeforeEach
    void listen() {
        sidecar.start();
        streams.listen();
    }

    @AfterEach
    void giveBack() {
        streams.giveBack();
        sidecar.stop(0);
        threads.shutdownNow();
    }

    private int run(ClientCommand command, String... words) {
        CommandLine line = new CommandLine(command);
        String[] all = new String[words.length + 2];
        System.arraycopy(words, 0, all, 0, words.length);
        all[words.length] = "--port=" + sidecar.getAddress().getPort();
        all[words.length + 1] = "--data=" + folder;
        return line.execute(all);
    }

    private String out() {
        return streams.out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return streams.err.toString(StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, String text) throws IOException {
        try (exchange) {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /** Says at first that it has not begun; ends when it is asked for the third time, so that what it said the second was told. */
    private void slowBacktest() {
        CountDownLatch asked = new CountDownLatch(3);
        sidecar.createContext("/api/v1/rules/backtest", exchange -> {
            if (exchange.getRequestMethod().equals("GET")) {
                answer(exchange, asked.getCount() == 3 ? "{\"running\": false}" : HALFWAY);
                asked.countDown();
                return;
            }
            try {
                assertThat(asked.await(60, TimeUnit.SECONDS))
                        .as("asked three times")
                        .isTrue();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            answer(exchange, REPORT);
        });
    }

    @Test
    void backtest_tellsHowFarItIs_besideItsReport() {
        slowBacktest();

        assertThat(run(new BacktestCommand(Duration.ofMillis(20)))).as(err()).isZero();

        assertThat(err().lines().distinct()).containsExactly("inferwatch: 50 % · at 2026-01-05T12:00:00Z");
        assertThat(out())
                .startsWith("2026-01-05T00:00:00Z to 2026-01-06T00:00:00Z")
                .doesNotContain("50 %");
    }

    @Test
    void backtestAsJson_isNothingButJsonOnStandardOutput() {
        slowBacktest();

        assertThat(run(new BacktestCommand(Duration.ofMillis(20)), "-o", "json"))
                .as(err())
                .isZero();

        assertThat(Json.object(out())).containsEntry("complete", true);
        assertThat(err()).contains("50 %");
    }

    @Test
    void aShortBacktest_saysNothingBeside() {
        sidecar.createContext("/api/v1/rules/backtest", exchange -> answer(exchange, REPORT));

        assertThat(run(new BacktestCommand(Duration.ofMinutes(1)))).isZero();

        assertThat(err()).isEmpty();
    }

    /** A header and a hundred windows. */
    private void rows() {
        sidecar.createContext("/api/v1/export", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream body = exchange.getResponseBody()) {
                body.write("metric,unit\n".getBytes(StandardCharsets.UTF_8));
                for (int i = 0; i < 100; i++) {
                    body.write("llm.ttft,ms\n".getBytes(StandardCharsets.UTF_8));
                }
            }
        });
    }

    @Test
    void export_tellsHowFarItIs_besideItsRows() {
        rows();
        AtomicLong nanos = new AtomicLong();

        int code = run(
                new ExportCommand(() -> nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50))), "--metric", "llm.ttft");

        assertThat(code).as(err()).isZero();
        assertThat(err().lines()).hasSize(2).first().asString().matches("inferwatch: \\d+ windows, \\d+ KiB so far");
        assertThat(out().lines()).hasSize(101).allMatch(line -> line.matches("metric,unit|llm.ttft,ms"));
    }

    @Test
    void exportToAFile_keepsTheFileAndTheLastWordClean() throws IOException {
        rows();
        Path file = folder.resolve("ttft.csv");
        AtomicLong nanos = new AtomicLong();

        int code = run(
                new ExportCommand(() -> nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(50))),
                "--metric",
                "llm.ttft",
                "--file",
                file.toString());

        assertThat(code).as(err()).isZero();
        assertThat(Files.readAllLines(file)).hasSize(101);
        assertThat(out()).isEqualTo("100 windows of llm.ttft in " + file + "\n");
        assertThat(err().lines()).hasSize(2);
    }

    @Test
    void aShortExport_saysNothingBeside() {
        rows();

        assertThat(run(new ExportCommand(() -> 0), "--metric", "llm.ttft")).isZero();

        assertThat(err()).isEmpty();
    }
}
