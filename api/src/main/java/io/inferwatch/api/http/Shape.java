package io.inferwatch.api.http;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds one JSON object key by key, in order; what is absent is left out, unless it is said to be {@code null}. */
final class Shape {
    private final Map<String, @Nullable Object> fields = new LinkedHashMap<>();

    private Shape() {}

    static Shape object() {
        return new Shape();
    }

    Shape with(String key, Object value) {
        fields.put(key, value);
        return this;
    }

    Shape with(String key, Optional<?> value) {
        value.ifPresent(present -> fields.put(key, present));
        return this;
    }

    Shape withNull(String key) {
        fields.put(key, null);
        return this;
    }

    Map<String, @Nullable Object> done() {
        return fields;
    }
}
