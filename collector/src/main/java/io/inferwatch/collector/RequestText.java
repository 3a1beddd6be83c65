package io.inferwatch.collector;

import java.util.Locale;

/** The texts of a request record. */
public enum RequestText {
    MODEL(0, true),
    MODEL_VERSION(1, true),
    ROUTE(2, true),
    SERVER(3, true),
    TENANT(4, true),
    FEATURE(5, true),
    USER(6, true),
    SESSION(7, true),
    GROUP(8, true),
    ENGINE(9, true),
    FINISH_REASON(10, true),
    TRACE_ID(11, false),
    SPAN_ID(12, false),
    PARENT_ID(13, false),
    PROMPT_HASH(14, false);

    private final String field = name().toLowerCase(Locale.ROOT);
    private final int bit;
    private final boolean recurring;

    /** @param bit its presence bit in the journal: never changes, never comes to mean another */
    RequestText(int bit, boolean recurring) {
        this.bit = bit;
        this.recurring = recurring;
    }

    /** Its name on the wire, and as a label. */
    public String field() {
        return field;
    }

    int bit() {
        return bit;
    }

    /** Whether many records carry the same one: those are kept once a batch. */
    boolean isRecurring() {
        return recurring;
    }
}
