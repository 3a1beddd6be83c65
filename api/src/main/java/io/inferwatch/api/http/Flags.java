package io.inferwatch.api.http;

import io.micronaut.http.HttpRequest;
import java.util.List;

/** Query parameters that are {@code true} or {@code false}. */
final class Flags {
    private Flags() {}

    /** Whether it is {@code true}; absent is false, anything else a 400. */
    static boolean isSet(HttpRequest<?> request, String parameter) {
        String value = request.getParameters().getFirst(parameter).orElse("false");
        if (!List.of("true", "false").contains(value)) {
            throw ProblemException.badRequest(parameter + ": \"" + value + "\" is neither true nor false");
        }
        return value.equals("true");
    }
}
