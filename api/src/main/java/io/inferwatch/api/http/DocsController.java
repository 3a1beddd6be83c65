package io.inferwatch.api.http;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.annotation.ExecuteOn;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The API's description and an explorer for it, both from the jar: nothing is fetched from elsewhere. */
@Controller
@ExecuteOn(HttpPool.NAME)
final class DocsController {
    private static final String OWN = "/io/inferwatch/api/";
    /** The explorer sets style attributes; scripts still come from here alone. */
    private static final String CONTENT_SECURITY_POLICY = "default-src 'none'; script-src 'self'; "
            + "style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'";

    private static final Map<String, String> CONTENT_TYPES = Map.of(
            "index.html", MediaType.TEXT_HTML,
            "explorer.js", "text/javascript",
            "swagger-ui-bundle.js", "text/javascript",
            "swagger-ui.css", "text/css");

    @Get("/openapi.yml")
    HttpResponse<?> openApi() throws IOException {
        return resource(OWN + "openapi.yml", "application/yaml");
    }

    @Get("/docs")
    HttpResponse<?> explorer() throws IOException {
        return file("index.html");
    }

    @Get("/docs/{name}")
    HttpResponse<?> file(String name) throws IOException {
        String contentType = CONTENT_TYPES.get(name);
        if (contentType == null) {
            throw new ProblemException(HttpStatus.NOT_FOUND, "the explorer has no file \"" + name + "\"");
        }
        return resource(name.startsWith("swagger") ? webjar(name) : OWN + "docs/" + name, contentType);
    }

    private static HttpResponse<?> resource(String path, String contentType) throws IOException {
        try (@Nullable InputStream in = DocsController.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IOException("the jar lacks " + path);
            }
            return HttpResponse.ok(in.readAllBytes())
                    .contentType(contentType)
                    .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                    .header("X-Content-Type-Options", "nosniff");
        }
    }

    /** Web jars carry their version in the path; the jar itself says which it is. */
    private static String webjar(String name) throws IOException {
        try (@Nullable InputStream in = DocsController.class.getResourceAsStream(
                        "/META-INF/maven/org.webjars/swagger-ui/pom.properties")) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            String version = Optional.ofNullable(properties.getProperty("version"))
                    .orElseThrow(() -> new IOException("the explorer's library is not in the class path"));
            return "/META-INF/resources/webjars/swagger-ui/" + version + "/" + name;
        }
    }
}
