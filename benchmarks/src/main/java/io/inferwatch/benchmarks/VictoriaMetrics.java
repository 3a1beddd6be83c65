package io.inferwatch.benchmarks;

import io.inferwatch.system.support.Await;
import io.inferwatch.system.support.Json;
import io.inferwatch.system.support.ProcessFigures;
import io.inferwatch.system.support.RequestRecord;
import io.inferwatch.system.support.RunningSidecar;
import io.inferwatch.system.support.Traffic;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A single-node VictoriaMetrics on its defaults, given the records that {@link Throughput} pushes, five samples each. */
final class VictoriaMetrics {
    static final String VARIABLE = "VICTORIA_METRICS";

    private static final String NAME = "victoria-metrics";
    private static final int SAMPLES_A_RECORD = 5;
    private static final String COUNT = "sum(count_over_time({__name__=~\"request_.+\"}[1h]))";

    private final Path program;
    private final HttpClient http = HttpClient.newHttpClient();

    private VictoriaMetrics(Path program) {
        this.program = program;
    }

    /** The one the variable names, else the one in the {@code PATH}. */
    static Optional<VictoriaMetrics> find() {
        Stream<Path> named = Stream.ofNullable(System.getenv(VARIABLE)).map(Path::of);
        Stream<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder).resolve(NAME));
        return Stream.concat(named, found)
                .filter(Files::isExecutable)
                .findFirst()
                .map(VictoriaMetrics::new);
    }

    Throughput.Result run(int seconds) {
        Path folder = null;
        Process process = null;
        try {
            folder = Files.createTempDirectory("peer-");
            String base = "http://127.0.0.1:" + RunningSidecar.freePort();
            process = new ProcessBuilder(
                            program.toString(),
                            "-storageDataPath=" + folder.resolve("data"),
                            "-httpListenAddr=" + base.substring("http://".length()))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.resolve("log").toFile())
                    .start();
            Await.until(NAME + " answers", Duration.ofSeconds(30), () -> answers(base));
            return push(base, seconds, new ProcessFigures(process.pid()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            if (process != null) {
                process.destroyForcibly().onExit().join();
            }
            removeAll(folder);
        }
    }

    private Throughput.Result push(String base, int seconds, ProcessFigures figures) {
        AtomicLong sent = new AtomicLong();
        long began = System.nanoTime();
        long end = began + Duration.ofSeconds(seconds).toNanos();
        try (ExecutorService senders = Executors.newFixedThreadPool(Throughput.SENDERS)) {
            for (int i = 0; i < Throughput.SENDERS; i++) {
                byte[] body = batch(i);
                senders.execute(() -> {
                    while (System.nanoTime() - end < 0) {
                        int status = post(base + "/write", body);
                        if (status != 204) {
                            throw new AssertionError(NAME + " answered " + status);
                        }
                        sent.addAndGet(Throughput.BATCH);
                    }
                });
            }
            senders.shutdown();
            Throughput.await(senders, seconds);
        }
        Await.until("all queryable", Duration.ofMinutes(5), () -> {
            get(base + "/internal/force_flush");
            return samples(base) == sent.get() * SAMPLES_A_RECORD;
        });
        double took = (System.nanoTime() - began) / 1e9;
        return new Throughput.Result(sent.get(), took, 0, figures.residentMebibytes(), figures.cpuSeconds() / took);
    }

    /** InfluxDB lines: the most compact form it takes, one line a record. Without a time each counts as of its arrival. */
    private static byte[] batch(int seed) {
        StringBuilder body = new StringBuilder();
        for (RequestRecord record : new Traffic(seed, "x").take(Throughput.BATCH, 5, "chat")) {
            body.append(String.format(
                    Locale.ROOT,
                    "request,model=%s,route=%s,sender=%d ttft_ms=%s,tpot_ms=%s,latency_ms=%s,input_tokens=%d,output_tokens=%d%n",
                    record.model(),
                    record.route(),
                    seed,
                    record.ttftMs(),
                    record.tpotMs(),
                    record.latencyMs(),
                    record.outputTokens() * 3,
                    record.outputTokens()));
        }
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private long samples(String base) {
        String body = get(base + "/api/v1/query?nocache=1&latency_offset=1ms&query="
                        + URLEncoder.encode(COUNT, StandardCharsets.UTF_8))
                .body();
        return Json.parse(body)
                .path("data")
                .path("result")
                .path(0)
                .path("value")
                .path(1)
                .asLong();
    }

    private boolean answers(String base) {
        try {
            return get(base + "/health").statusCode() == 200;
        } catch (UncheckedIOException notYet) {
            return false;
        }
    }

    private int post(String address, byte[] body) {
        return send(HttpRequest.newBuilder(URI.create(address))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build())
                .statusCode();
    }

    private HttpResponse<String> get(String address) {
        return send(HttpRequest.newBuilder(URI.create(address)).build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static void removeAll(@Nullable Path root) {
        if (root == null) {
            return;
        }
        try (Stream<Path> found = Files.walk(root)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
