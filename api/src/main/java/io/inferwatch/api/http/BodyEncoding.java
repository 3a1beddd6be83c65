package io.inferwatch.api.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.zip.GZIPInputStream;

/** A body without its {@code Content-Encoding}. */
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
}
