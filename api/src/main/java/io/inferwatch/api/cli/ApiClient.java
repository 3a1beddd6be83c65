package io.inferwatch.api.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Talks to a running sidecar on behalf of a person at a terminal; picks up the admin token where it may be read. */
final class ApiClient {
    /** The copy of a large database lies between the question and the first byte. */
    private static final Duration FIRST_WORD = Duration.ofMinutes(10);

    private final HttpClient http;
    private final String base;
    private final Path tokenFile;

    /**
     * @param base such as {@code http://127.0.0.1:9477}
     * @param tokenFile where the admin token lies; need not exist
     * @param certificate the sidecar's own, where it speaks TLS
     */
    ApiClient(String base, Path tokenFile, Optional<Path> certificate) {
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(3));
        certificate.map(OwnCertificate::context).ifPresent(builder::sslContext);
        this.http = builder.build();
        this.base = base;
        this.tokenFile = tokenFile;
    }

    /** Where it asks. */
    String address() {
        return base;
    }

    /** @return the JSON text of the answer */
    String get(String path, List<Map.Entry<String, String>> query) {
        return send(request(path + parameters(query)).GET());
    }

    private static String parameters(List<Map.Entry<String, String>> query) {
        return query.isEmpty()
                ? ""
                : query.stream()
                        .map(parameter -> parameter.getKey() + "="
                                + URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&", "?", ""));
    }

    /** Something long, read as it comes. */
    InputStream stream(String path, List<Map.Entry<String, String>> query) {
        return open(request(path + parameters(query)).timeout(FIRST_WORD).GET());
    }

    /** As {@link #stream}, of something that is made for the asking. */
    InputStream postStream(String path) {
        return open(request(path).timeout(FIRST_WORD).POST(HttpRequest.BodyPublishers.noBody()));
    }

    private InputStream open(HttpRequest.Builder request) {
        HttpResponse<InputStream> response = exchange(request, HttpResponse.BodyHandlers.ofInputStream());
        if (response.statusCode() / 100 == 2) {
            return response.body();
        }
        try (InputStream body = response.body()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            throw new CommandFailure(InferwatchCommand.WRONG, Json.detail(text, response.statusCode()));
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.NOT_HERE, base + ": " + e);
        }
    }

    String post(String path, String json) {
        return send(request(path)
                .header("Content-Type", "application/json")
                .POST(
                        json.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json)));
    }

    /** Something that may take minutes. */
    String postRules(String path, List<Map.Entry<String, String>> query, String yaml) {
        return send(request(path + parameters(query))
                .timeout(Duration.ofMinutes(5))
                .header("Content-Type", "application/yaml")
                .POST(
                        yaml.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(yaml)));
    }

    String delete(String path) {
        return send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String pathAndQuery) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + pathAndQuery)).timeout(Duration.ofSeconds(60));
        try {
            if (Files.isReadable(tokenFile)) {
                request.header(
                        "Authorization", "Bearer " + Files.readString(tokenFile).strip());
            }
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.USAGE, tokenFile + " cannot be read: " + e.getMessage());
        }
        return request;
    }

    private String send(HttpRequest.Builder request) {
        HttpResponse<String> response = exchange(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() / 100 != 2) {
            throw new CommandFailure(InferwatchCommand.WRONG, Json.detail(response.body(), response.statusCode()));
        }
        return response.body();
    }

    private <T> HttpResponse<T> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
        try {
            return http.send(request.build(), handler);
        } catch (ConnectException e) {
            throw new NoSidecar("no sidecar answers at " + base + "; is it running?");
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.NOT_HERE, base + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(InferwatchCommand.NOT_HERE, "interrupted");
        }
    }
}
