package io.inferwatch.api.http;

import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The dashboard: files of the jar, nothing made up here. Everybody may have the page; what it shows it asks of the API,
 * under the same tokens as everybody.
 */
@Controller
@ExecuteOn(HttpPool.NAME)
final class DashboardController {
    private static final String FILES = "/io/inferwatch/api/ui/";

    /** No script, style, image or call but our own, and no text that becomes markup: no trusted type can be made. */
    static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; "
            + "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
            + "require-trusted-types-for 'script'; trusted-types 'none'";

    /** A folder at most, no dots but the one before the kind: no name leads out of the folder of files. */
    private static final Pattern NAME = Pattern.compile("(vendor/)?[A-Za-z0-9_-][A-Za-z0-9._-]*");

    private static final Map<String, String> CONTENT_TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8");

    @Get("/")
    HttpResponse<?> page(HttpRequest<?> request) throws IOException {
        return file(request, "index.html");
    }

    @Get("/ui/{+name}")
    HttpResponse<?> file(HttpRequest<?> request, String name) throws IOException {
        String kind = name.substring(name.lastIndexOf('.') + 1);
        String contentType = CONTENT_TYPES.get(kind);
        Optional<byte[]> content = contentType == null || !NAME.matcher(name).matches() ? Optional.empty() : read(name);
        if (content.isEmpty()) {
            throw new ProblemException(HttpStatus.NOT_FOUND, "the dashboard has no file \"" + name + "\"");
        }
        String tag = tagOf(content.get());
        boolean isKnown = request.getHeaders()
                .findFirst(HttpHeaders.IF_NONE_MATCH)
                .filter(tag::equals)
                .isPresent();
        return (isKnown
                        ? HttpResponse.notModified()
                        : HttpResponse.ok(content.get()).contentType(contentType))
                .header(HttpHeaders.ETAG, tag)
                // Asked for again each time and told "not modified": an upgrade never mixes two versions.
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Opener-Policy", "same-origin");
    }

    private static Optional<byte[]> read(String name) throws IOException {
        try (@Nullable InputStream in = DashboardController.class.getResourceAsStream(FILES + name)) {
            return in == null ? Optional.empty() : Optional.of(in.readAllBytes());
        }
    }

    private static String tagOf(byte[] content) {
        CRC32C sum = new CRC32C();
        sum.update(content);
        return "\"" + Long.toHexString(sum.getValue()) + "-" + Integer.toHexString(content.length) + "\"";
    }
}
