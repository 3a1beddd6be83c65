package io.inferwatch.notifier.slack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;

/**
 * What Slack's Web API said: {@code {"ok": true, "channel": …, "ts": …}} or {@code {"ok": false, "error": …}}, both with
 * status 200.
 */
record SlackAnswer(boolean ok, String error, Optional<String> channel, Optional<String> ts) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Errors that pass; docs.slack.dev, chat.postMessage. */
    private static final Set<String> PASSING = Set.of(
            "ratelimited",
            "rate_limited",
            "internal_error",
            "service_unavailable",
            "request_timeout",
            "fatal_error",
            "team_added_to_org");

    private static final Set<String> NOT_SENDABLE = Set.of(
            "invalid_blocks",
            "invalid_blocks_format",
            "msg_blocks_too_long",
            "msg_too_long",
            "too_many_attachments",
            "no_text",
            "metadata_too_large",
            "invalid_payload");

    private static final Set<String> MESSAGE_LOST =
            Set.of("message_not_found", "cant_update_message", "edit_window_closed", "is_inactive", "block_mismatch");

    /** Empty when the body is none of Slack's. */
    static Optional<SlackAnswer> parse(String body) {
        boolean ok = false;
        boolean answered = false;
        String error = "";
        Optional<String> channel = Optional.empty();
        Optional<String> ts = Optional.empty();
        try (JsonParser parser = JSON.createParser(body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "ok" -> {
                        answered = true;
                        ok = value == JsonToken.VALUE_TRUE;
                    }
                    case "error" -> error = parser.getValueAsString("");
                    case "channel" -> channel = Optional.ofNullable(parser.getValueAsString());
                    case "ts" -> ts = Optional.ofNullable(parser.getValueAsString());
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return answered ? Optional.of(new SlackAnswer(ok, error, channel, ts)) : Optional.empty();
    }

    boolean isPassing() {
        return PASSING.contains(error);
    }

    boolean isRateLimit() {
        return error.equals("ratelimited") || error.equals("rate_limited");
    }

    /** Whether the message as such was not taken, so that a plainer one may be. */
    boolean isNotSendable() {
        return NOT_SENDABLE.contains(error);
    }

    /** Whether the message to be updated is gone. */
    boolean isMessageLost() {
        return MESSAGE_LOST.contains(error);
    }
}
