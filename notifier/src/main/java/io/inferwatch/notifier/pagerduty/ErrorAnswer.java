package io.inferwatch.notifier.pagerduty;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What PagerDuty says is wrong: {@code {"status": …, "message": …, "errors": […]}}. */
final class ErrorAnswer {
    private static final JsonFactory JSON = new JsonFactory();
    private static final int MAX_CHARACTERS = 300;

    private ErrorAnswer() {}

    /** All texts of the answer, cut short; empty when it is no JSON. */
    static String text(String body) {
        List<String> texts = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(body)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    texts.add(parser.getText());
                }
            }
        } catch (IOException e) {
            return "";
        }
        String joined = String.join("; ", texts);
        return joined.length() > MAX_CHARACTERS ? joined.substring(0, MAX_CHARACTERS) : joined;
    }
}
