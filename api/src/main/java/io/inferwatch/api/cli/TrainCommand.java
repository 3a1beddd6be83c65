package io.inferwatch.api.cli;

import io.inferwatch.api.app.Sidecar;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * The training run of the build: starts a sidecar on an empty directory and uses it a little, so that the classes of a
 * real start lie ready in the AOT cache. Started twice on the same data, to see a restart as well.
 */
@Command(name = "train-aot", hidden = true)
final class TrainCommand implements Callable<Integer> {
    private static final String RECORDS = """
            {"model":"m","request_id":"a","ttft_ms":12.5,"latency_ms":90,"output_tokens":9}
            {"model":"m","status":500}
            """;
    private static final List<String> QUERIES = List.of(
            "/health/ready",
            "/api/v1/percentiles?metric=llm.ttft&by=model&step=10s",
            "/api/v1/windows?metric=llm.requests&agg=sum",
            "/api/v1/gpus",
            "/api/v1/rules",
            "/api/v1/alerts",
            "/metrics",
            "/nothing-here");

    @Override
    public Integer call() throws IOException {
        Path directory = Files.createTempDirectory("inferwatch-train");
        try {
            use(directory);
            use(directory);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(TrainCommand::delete);
            }
        }
        return 0;
    }

    private static void use(Path directory) throws IOException {
        Configuration configuration = ConfigReader.read(
                Optional.empty(), Map.of(), Map.of("data.dir", directory.toString(), "http.port", "0"));
        try (Sidecar sidecar = Sidecar.start(configuration, Sidecar.Options.of(Map.of()))) {
            System.out.println(sidecar.readyLine());
            for (int i = 0; i < 20; i++) {
                call(sidecar.address() + "/api/v1/requests", Optional.of(RECORDS));
            }
            for (String query : QUERIES) {
                call(sidecar.address() + query, Optional.empty());
            }
        }
    }

    private static void call(String address, Optional<String> body) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address).toURL().openConnection();
        if (body.isPresent()) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/x-ndjson");
            connection.getOutputStream().write(body.get().getBytes(StandardCharsets.UTF_8));
        }
        if (connection.getResponseCode() < 400) {
            connection.getInputStream().readAllBytes();
        }
        connection.disconnect();
    }

    private static void delete(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
