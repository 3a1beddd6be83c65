package io.inferwatch.api.stream;

import java.nio.charset.StandardCharsets;

/**
 * One server-sent event, in the form of the WHATWG's HTML standard, section 9.2.
 *
 * @param name {@code window}, {@code gpu}, {@code alert}, {@code mark}
 * @param json its data on one line, as every JSON writer without indentation makes it
 */
public record StreamEvent(String name, String json) {
    /** A comment, which a reader passes over: it says only that the line still stands. */
    static final byte[] BEAT = ": beat\n\n".getBytes(StandardCharsets.UTF_8);

    byte[] bytes() {
        return ("event: " + name + "\ndata: " + json + "\n\n").getBytes(StandardCharsets.UTF_8);
    }
}
