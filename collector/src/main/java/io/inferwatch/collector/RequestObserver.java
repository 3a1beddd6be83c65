package io.inferwatch.collector;

import java.util.Locale;

/** Who saw a request: the label {@code observer} of its series. */
public enum RequestObserver {
    /** Sent as a record. */
    PUSH(0),
    /** Taken from a span. */
    OTLP(1),
    PROXY(2);

    private final int code;
    private final String label = name().toLowerCase(Locale.ROOT);

    /** @param code its number in the journal: never changes, never comes to mean another */
    RequestObserver(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** The value of the label. */
    public String label() {
        return label;
    }
}
