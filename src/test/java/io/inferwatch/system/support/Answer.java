package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpResponse;
import java.util.Optional;

/** What the sidecar answered. */
public record Answer(String call, int status, Optional<String> contentType, Optional<String> retryAfter, String text) {

    static Answer of(HttpResponse<String> response) {
        return new Answer(
                response.request().method() + " " + response.request().uri(),
                response.statusCode(),
                response.headers().firstValue("Content-Type"),
                response.headers().firstValue("Retry-After"),
                response.body());
    }

    public JsonNode json() {
        return Json.parse(text);
    }

    /** This answer's JSON, where the status is the one expected. */
    public JsonNode json(int expectedStatus) {
        if (status != expectedStatus) {
            throw new AssertionError("expected " + expectedStatus + " of " + this);
        }
        return json();
    }

    public boolean isProblem() {
        return contentType
                .filter(type -> type.startsWith("application/problem+json"))
                .isPresent();
    }

    @Override
    public String toString() {
        return call + " → " + status + " " + (text.length() > 2000 ? text.substring(0, 2000) + "…" : text);
    }
}
