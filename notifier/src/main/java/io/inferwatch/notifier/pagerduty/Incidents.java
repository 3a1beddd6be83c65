package io.inferwatch.notifier.pagerduty;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Outbound;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * PagerDuty's REST API, asked for one thing: whether the incident of a key is acknowledged, and by whom.
 * {@code GET /incidents?incident_key=…&statuses[]=acknowledged}; developer.pagerduty.com, REST API v2, list incidents.
 */
final class Incidents {
    private static final JsonFactory JSON = new JsonFactory();

    private final Outbound outbound;
    private final String baseUrl;
    private final Secret token;

    Incidents(Outbound outbound, String baseUrl, Secret token) {
        this.outbound = outbound;
        this.baseUrl = baseUrl;
        this.token = token;
    }

    boolean isConfigured() {
        return !(token instanceof Secret.Absent);
    }

    /** Empty also where it cannot be found out. */
    Optional<String> ackedBy(String key) {
        String readToken;
        try {
            readToken = token.read();
        } catch (Secret.Unreadable e) {
            return Optional.empty();
        }
        String url = baseUrl + "/incidents?incident_key=" + URLEncoder.encode(key, StandardCharsets.UTF_8)
                + "&statuses%5B%5D=acknowledged";
        Map<String, String> headers = Map.of("Authorization", "Token token=" + readToken, "Accept", "application/json");
        return outbound.get(url, headers) instanceof Answer answer && answer.status() == 200
                ? acknowledger(answer.body())
                : Optional.empty();
    }

    /** The first acknowledger's name; a name of our own where one is acknowledged and nobody is named. */
    static Optional<String> acknowledger(String body) {
        boolean isAcknowledged = false;
        String by = "somebody";
        try (JsonParser parser = JSON.createParser(body)) {
            boolean inAcknowledger = false;
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                String name = parser.currentName();
                if (token == JsonToken.START_OBJECT && "acknowledger".equals(name)) {
                    inAcknowledger = true;
                } else if (token == JsonToken.END_OBJECT) {
                    inAcknowledger = false;
                } else if (token == JsonToken.VALUE_STRING && "status".equals(name)) {
                    isAcknowledged |= parser.getText().equals("acknowledged");
                } else if (token == JsonToken.VALUE_STRING && "summary".equals(name) && inAcknowledger) {
                    by = parser.getText();
                }
            }
        } catch (IOException e) {
            return Optional.empty();
        }
        return isAcknowledged ? Optional.of(by + " at PagerDuty") : Optional.empty();
    }
}
