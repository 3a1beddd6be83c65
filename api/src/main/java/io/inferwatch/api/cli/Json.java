package io.inferwatch.api.cli;

import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the API's answers as maps and lists, for tables. */
final class Json {
    private Json() {}

    static Map<String, Object> object(String json) {
        try {
            return ObjectMapper.getDefault().readValue(json, Argument.mapOf(String.class, Object.class));
        } catch (IOException e) {
            throw new CommandFailure(InferwatchCommand.WRONG, "the answer is not JSON: " + e.getMessage());
        }
    }

    static String text(Map<String, ?> object) {
        try {
            return ObjectMapper.getDefault().writeValueAsString(object);
        } catch (IOException e) {
            throw new IllegalStateException("a map of texts is JSON", e);
        }
    }

    /** The objects of the list at a key; empty where there is none. */
    static List<Map<String, Object>> objects(Map<String, Object> parent, String key) {
        return parent.get(key) instanceof List<?> list
                ? list.stream().map(Json::asObject).toList()
                : List.of();
    }

    static List<?> asList(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    @SuppressWarnings("unchecked") // JSON objects have text keys
    static Map<String, Object> asObject(@Nullable Object value) {
        return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
    }

    /** What a problem answer says; the status where it is no problem document. */
    static String detail(String body, int status) {
        try {
            Map<String, Object> problem = object(body);
            return problem.getOrDefault("detail", "HTTP " + status).toString();
        } catch (CommandFailure e) {
            return "HTTP " + status;
        }
    }
}
