package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
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
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** The sidecar's HTTP API as a sender, an operator or a script calls it. Safe for use by several threads. */
public final class SidecarApi {
    public static final String REQUESTS = "/api/v1/requests";
    public static final String NDJSON = "application/x-ndjson";
    public static final String JSON = "application/json";

    /** A call that a starved machine answers late is answered all the same; one that hangs still fails the test. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

    private static final Duration READY_CALL_LIMIT = Duration.ofSeconds(10);

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CALL_LIMIT)
            .build();
    private final int port;
    private final Path data;

    SidecarApi(int port, Path data) {
        this.port = port;
        this.data = data;
    }

    /** Its base, such as {@code http://127.0.0.1:9477}. */
    public String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Whether {@code /health/ready} answers 200 now. */
    public boolean isReady() {
        try {
            return call(request("/health/ready").timeout(READY_CALL_LIMIT).build())
                            .status()
                    == 200;
        } catch (UncheckedIOException e) {
            return false;
        }
    }

    /** A GET; {@code query} is name, value, name, value …, unescaped. */
    public Answer get(String path, String... query) {
        return call(request(path + queryString(query)).build());
    }

    /** The JSON of a GET that must answer 200. */
    public JsonNode read(String path, String... query) {
        return get(path, query).json(200);
    }

    /** How many requests were counted in the last hour, however they ended. */
    public long requestsCounted() {
        return read("/api/v1/windows", "metric", "llm.requests", "agg", "sum", "from", "-1h")
                .path("series")
                .path(0)
                .path("value")
                .asLong();
    }

    public Answer post(String path, String contentType, String body) {
        return post(path, contentType, body.getBytes(StandardCharsets.UTF_8));
    }

    public Answer post(String path, String contentType, byte[] body) {
        return call(request(path)
                .header("Content-Type", contentType)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    /** The same, compressed. */
    public Answer postGzip(String path, String contentType, byte[] body) {
        return postEncoded(path, contentType, "gzip", gzip(body));
    }

    /** The same, with a {@code Content-Encoding} that the bytes need not keep. */
    public Answer postEncoded(String path, String contentType, String encoding, byte[] body) {
        return call(request(path)
                .header("Content-Type", contentType)
                .header("Content-Encoding", encoding)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build());
    }

    /** Any call with any headers; a body of no bytes is none. */
    public Answer send(String method, String path, String body, String... headers) {
        HttpRequest.BodyPublisher publisher =
                body.isEmpty() ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
        HttpRequest.Builder request = request(path).method(method, publisher);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return call(request.build());
    }

    /** Any call with the token the sidecar wrote at its first start. */
    public Answer sendAsAdmin(String method, String path, String contentType, String body) {
        return send(method, path, body, "Content-Type", contentType, "Authorization", "Bearer " + adminToken());
    }

    public String adminToken() {
        try {
            return Files.readString(data.resolve("admin.token")).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends records as NDJSON, again where the answer is to come later, of which nothing was kept; the answer, which must be 202. */
    public JsonNode push(List<RequestRecord> records) {
        String body = ndjson(records);
        return Await.value("taken", CALL_LIMIT, () -> post(REQUESTS, NDJSON, body), answer -> answer.status() != 429)
                .json(202);
    }

    public static String ndjson(List<RequestRecord> records) {
        return records.stream().map(RequestRecord::json).collect(Collectors.joining("\n", "", "\n"));
    }

    /**
     * The bytes as they are, over a socket of their own; what came back until the other side closed. For what an HTTP
     * client refuses to send.
     */
    public String raw(String request) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) CALL_LIMIT.toMillis());
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            socket.getOutputStream().flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return port;
    }

    public URI uri(String pathAndQuery) {
        return URI.create(address() + pathAndQuery);
    }

    public static byte[] gzip(byte[] plain) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(plain);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return packed.toByteArray();
    }

    private HttpRequest.Builder request(String pathAndQuery) {
        return HttpRequest.newBuilder(uri(pathAndQuery)).timeout(CALL_LIMIT);
    }

    private Answer call(HttpRequest request) {
        try {
            return Answer.of(client.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            throw new UncheckedIOException(request.method() + " " + request.uri(), e);
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }

    private static String queryString(String... namesAndValues) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            query.append(i == 0 ? '?' : '&')
                    .append(encode(namesAndValues[i]))
                    .append('=')
                    .append(encode(namesAndValues[i + 1]));
        }
        return query.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
