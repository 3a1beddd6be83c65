package io.inferwatch.collector;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Who saw a request: each kind of observer has series of its own, so that what several saw is counted once. */
public enum Observer {
    /** The application, which sent a record. */
    PUSH(0),
    /** The proxy in front of the model server. */
    PROXY(1),
    /** Telemetry of OpenTelemetry. */
    OTLP(2);

    private static final List<Observer> ALL = List.of(values());

    private final int code;
    private final String label = name().toLowerCase(Locale.ROOT);

    /** @param code its number in the journal, at most 3: never changes, never comes to mean another */
    Observer(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    /** @return the first one for a number that none has: a record of a newer release is told by its numbers all the same */
    static Observer ofCode(int code) {
        return code < ALL.size() ? ALL.get(code) : PUSH;
    }

    public static Optional<Observer> ofLabel(String label) {
        return ALL.stream().filter(observer -> observer.label.equals(label)).findFirst();
    }

    /** The value of the label {@code observer}. */
    public String label() {
        return label;
    }

    /** What makes a request known again: two observers of one request are two records. */
    String identity(String requestId) {
        return this == PUSH ? requestId : label + '\0' + requestId;
    }
}
