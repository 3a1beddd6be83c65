package io.inferwatch.api.http;

import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import java.util.Map;

@Controller
final class HealthController {
    @Get("/health/ready")
    Map<String, String> ready() {
        return Map.of("status", "ready");
    }
}
