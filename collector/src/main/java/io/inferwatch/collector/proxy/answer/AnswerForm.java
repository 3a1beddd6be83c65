package io.inferwatch.collector.proxy.answer;

import java.util.Locale;

/** How the body of an answer is made up, by its media type. */
public enum AnswerForm {
    /** {@code text/event-stream}. */
    EVENTS(true),
    /** {@code application/x-ndjson}. */
    LINES(true),
    /** One JSON text. */
    WHOLE(false),
    /** Nothing that is read: HTML, audio, or JSON that is compressed. */
    UNREAD(false);

    private final boolean isStream;

    AnswerForm(boolean isStream) {
        this.isStream = isStream;
    }

    public boolean isStream() {
        return isStream;
    }

    /** @param contentType as the header has it; empty where there is none */
    public static AnswerForm of(String contentType) {
        String type = contentType.toLowerCase(Locale.ROOT);
        if (type.startsWith("text/event-stream")) {
            return EVENTS;
        }
        if (type.startsWith("application/x-ndjson")
                || type.startsWith("application/jsonl")
                || type.startsWith("application/stream+json")) {
            return LINES;
        }
        return type.startsWith("application/json") || type.startsWith("application/problem+json") ? WHOLE : UNREAD;
    }
}
