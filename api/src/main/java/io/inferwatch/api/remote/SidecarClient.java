package io.inferwatch.api.remote;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Sends to a sidecar of this host as one with the scope of sending. Any thread. */
public final class SidecarClient {
    private static final Duration ANSWER = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final String base;
    private final Optional<Path> tokenFile;

    /**
     * @param base such as {@code http://127.0.0.1:9477}
     * @param tokenFile read anew each time, since it may be exchanged
     */
    public SidecarClient(String base, Optional<Path> tokenFile) {
        this.base = base;
        this.tokenFile = tokenFile;
    }

    public String address() {
        return base;
    }

    /** @throws IOException when no answer came, or the token cannot be read */
    public Handover.Answer post(String path, String contentType, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(ANSWER)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body));
        if (tokenFile.isPresent()) {
            request.header(
                    "Authorization",
                    "Bearer " + Files.readString(tokenFile.get()).strip());
        }
        HttpResponse<String> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        return new Handover.Answer(answer.statusCode(), answer.body());
    }
}
