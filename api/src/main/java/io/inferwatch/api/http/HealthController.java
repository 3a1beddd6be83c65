package io.inferwatch.api.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.inferwatch.api.app.Health;
import io.inferwatch.api.app.Live;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Whether the process lives and whether it takes records. Answers at once, from memory, on the event loop. */
@Controller
final class HealthController {
    private final Live live;

    HealthController(Live live) {
        this.live = live;
    }

    /** What {@code /health/ready} shows. */
    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Report(String status, List<Part> parts) {}

    @Serdeable
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    record Part(String name, String status, String detail) {}

    @Get(uris = {"/health/live", "/-/healthy"})
    Map<String, String> alive() {
        return Map.of("status", "live");
    }

    @Get(uris = {"/health/ready", "/-/ready"})
    HttpResponse<Report> ready() {
        Health health = Health.of(live);
        HttpStatus status = health.takesRecords() ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE;
        return HttpResponse.<Report>status(status)
                .body(new Report(
                        health.status().name().toLowerCase(Locale.ROOT),
                        health.parts().stream()
                                .map(part -> new Part(part.name(), part.isFine() ? "ok" : "degraded", part.detail()))
                                .toList()));
    }
}
