package io.inferwatch.collector.otlp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is used of one span. Filled by a decoder; attributes nobody asks for, prompts above all, are never kept.
 *
 * <p>Attribute values are {@link String}, {@link Long}, {@link Double} or {@link Boolean}; of an array, its first.
 */
final class Span {
    /** {@code Span.SpanKind}. */
    static final int SERVER = 2;
    /** {@code Status.StatusCode}. */
    static final int ERROR = 2;

    static final int MOST_TEXT = 256;

    String traceId = "";
    String spanId = "";
    String parentId = "";
    /** As W3C Trace Context writes it. */
    String traceState = "";

    String name = "";
    int kind;
    long startNanos;
    long endNanos;
    int status;
    long firstTokenNanos;
    private final Map<String, Object> attributes = new HashMap<>();

    void put(String key, @Nullable Object value) {
        if (value != null && Attributes.isWanted(key)) {
            attributes.put(key, value);
        }
    }

    void event(String eventName, long nanos) {
        if (firstTokenNanos == 0 && Attributes.FIRST_TOKEN_EVENTS.contains(eventName)) {
            firstTokenNanos = nanos;
        }
    }

    /** What holds for each span of a resource. */
    void inherit(Map<String, Object> resource) {
        resource.forEach((key, value) -> {
            if (Attributes.isWanted(key)) {
                attributes.putIfAbsent(key, value);
            }
        });
    }

    boolean has(String key) {
        return attributes.containsKey(key);
    }

    /** The first of these that is there as a text that fits a label. */
    Optional<String> text(String... keys) {
        for (String key : keys) {
            if (attributes.get(key) instanceof String text && !text.isEmpty() && text.length() <= MOST_TEXT) {
                return Optional.of(text);
            }
        }
        return Optional.empty();
    }

    /** The first of these that is there as a number. Some instrumentations write numbers as text. */
    Optional<Double> number(Iterable<String> keys) {
        for (String key : keys) {
            Object value = attributes.get(key);
            if (value instanceof Number number && Double.isFinite(number.doubleValue())) {
                return Optional.of(number.doubleValue());
            }
            if (value instanceof String text && text.matches("\\d{1,10}")) {
                return Optional.of(Double.valueOf(text));
            }
        }
        return Optional.empty();
    }

    Optional<Boolean> bool(String... keys) {
        for (String key : keys) {
            if (attributes.get(key) instanceof Boolean value) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
