package io.inferwatch.api.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** What bodies that are sent here say of themselves, and how their senders are told to wait. */
final class BodyEncoding {
    private static final int GZIP_BUFFER_BYTES = 16_384;

    private BodyEncoding() {}

    static InputStream plain(HttpRequest<?> request, InputStream body) throws IOException {
        String encoding = request.getHeaders()
                .findFirst(HttpHeaders.CONTENT_ENCODING)
                .orElse("identity")
                .toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "identity" -> body;
            case "gzip", "x-gzip" -> new GZIPInputStream(body, GZIP_BUFFER_BYTES);
            default ->
                throw new ProblemException(
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE,
                        "Content-Encoding \"" + encoding + "\" is not taken here; send gzip or nothing");
        };
    }

    /** The content type in small letters, without parameters; empty where none is said. */
    static String contentType(HttpRequest<?> request) {
        return request.getHeaders()
                .findFirst(HttpHeaders.CONTENT_TYPE)
                .orElse("")
                .split(";", 2)[0]
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** The value of {@code Retry-After}, at least a second. */
    static String retryAfter(Duration wait) {
        return Long.toString(Math.max(1, wait.toSeconds()));
    }
}
