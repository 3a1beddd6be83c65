package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.time.DateTimeException;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * PagerDuty's Events API v2 with a table of open alerts, one a dedup key. Faults are what PagerDuty would refuse and
 * what it would silently swallow: a resolve of nothing, a tier in a title that is never updated.
 */
public final class FakePagerDuty extends StrictServer {
    /** A routing key of the length PagerDuty demands. */
    public static final String ROUTING_KEY = "0123456789abcdef0123456789abcdef";

    private static final Set<String> FIELDS =
            Set.of("routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url");
    private static final Set<String> PAYLOAD_FIELDS =
            Set.of("summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details");
    private static final Set<String> SEVERITIES = Set.of("critical", "error", "warning", "info");
    private static final Pattern TIER = Pattern.compile("\\bP[0-3]\\b");
    /** RFC 3339, and PagerDuty's own example, whose offset has no colon. */
    private static final DateTimeFormatter TIMESTAMP =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss[.SSSSSSSSS][.SSSSSS][.SSS][XXX][XX]");

    private final Map<String, OpenAlert> open = new LinkedHashMap<>();
    private final List<Event> events = new ArrayList<>();

    /** An alert as PagerDuty shows it: the title of its first trigger, the severity of its latest. */
    public record OpenAlert(String summary, String severity, int triggers) {}

    /** An event that was taken; {@code severity} is empty but for a trigger. */
    public record Event(String action, String dedupKey, String severity, JsonNode body) {}

    private FakePagerDuty() {}

    public static FakePagerDuty start() {
        FakePagerDuty fake = new FakePagerDuty();
        fake.listen();
        return fake;
    }

    /** This stand-in as a receiver of the rules file, named {@code pd}. */
    public String receiver() {
        return "pd: {type: pagerduty, routing_key: " + ROUTING_KEY + ", api_url: '" + url() + "/v2/enqueue'}";
    }

    public synchronized Map<String, OpenAlert> open() {
        return new LinkedHashMap<>(open);
    }

    /** Open alerts whose key names this. */
    public synchronized List<String> openKeys(String part) {
        return open.keySet().stream().filter(key -> key.contains(part)).toList();
    }

    /** The severity of the first open alert whose key names this. */
    public synchronized Optional<String> severity(String part) {
        return open.entrySet().stream()
                .filter(entry -> entry.getKey().contains(part))
                .map(entry -> entry.getValue().severity())
                .findFirst();
    }

    /** Every event taken so far whose key names this, in order. */
    public synchronized List<Event> events(String part) {
        return events.stream().filter(event -> event.dedupKey().contains(part)).toList();
    }

    @Override
    protected String limitedBy(String path, JsonNode body) {
        return body.path("routing_key").asText();
    }

    @Override
    protected Reply unreadable() {
        return refused("Unrecognized object", List.of("JSON parse error"));
    }

    @Override
    protected Reply take(String path, JsonNode body, HttpExchange exchange) {
        List<String> errors = new ArrayList<>();
        String action = body.path("event_action").asText();
        String key = body.path("dedup_key").asText();
        check(errors, path.equals("/v2/enqueue"), "path " + path);
        check(errors, body.path("routing_key").asText().length() == 32, "Length of 'routing_key' is incorrect");
        check(errors, Set.of("trigger", "acknowledge", "resolve").contains(action), "'event_action' is invalid");
        check(errors, !key.isEmpty() && key.length() <= 255, "'dedup_key' is missing or too long: " + key);
        checkFields(errors, body, FIELDS);
        if (action.equals("trigger")) {
            checkPayload(errors, body.path("payload"));
            checkLinks(errors, body);
        } else {
            check(errors, !body.has("payload") && !body.has("links"), action + " carries more than its key");
        }
        if (!errors.isEmpty()) {
            errors.forEach(this::fault);
            return refused("invalid event", errors);
        }
        apply(action, key, body);
        return new Reply(
                202,
                "application/json",
                Json.object("status", "success", "message", "Event processed", "dedup_key", key)
                        .toString());
    }

    private void apply(String action, String key, JsonNode body) {
        String severity = body.path("payload").path("severity").asText();
        events.add(new Event(action, key, severity, body));
        if (action.equals("trigger")) {
            String summary = body.path("payload").path("summary").asText();
            open.merge(
                    key,
                    new OpenAlert(summary, severity, 1),
                    (was, now) -> new OpenAlert(was.summary(), severity, was.triggers() + 1));
        } else if (!open.containsKey(key)) {
            fault(action + " without an open alert: " + key);
        } else if (action.equals("resolve")) {
            open.remove(key);
        }
    }

    private void checkPayload(List<String> errors, JsonNode payload) {
        String summary = payload.path("summary").asText();
        int length = summary.codePointCount(0, summary.length());
        check(errors, length > 0 && length <= 1024, "'payload.summary' is missing or too long: " + length);
        check(errors, !payload.path("source").asText().isEmpty(), "'payload.source' is missing");
        check(errors, SEVERITIES.contains(payload.path("severity").asText()), "'payload.severity' is invalid");
        checkFields(errors, payload, PAYLOAD_FIELDS);
        if (payload.has("timestamp")) {
            check(errors, isTimestamp(payload.path("timestamp").asText()), "'payload.timestamp' is no time");
        }
        if (TIER.matcher(summary).find()) {
            fault("the tier stands in the summary, which PagerDuty never updates: " + summary);
        }
    }

    private static void checkLinks(List<String> errors, JsonNode body) {
        for (JsonNode link : body.path("links")) {
            check(errors, !link.path("href").asText().isEmpty(), "a link without href");
        }
        for (JsonNode image : body.path("images")) {
            check(errors, image.path("src").asText().startsWith("https://"), "an image without https src");
        }
    }

    private static void checkFields(List<String> errors, JsonNode object, Set<String> known) {
        Set<String> unknown = new TreeSet<>();
        object.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(known);
        check(errors, unknown.isEmpty(), "unknown fields " + unknown);
    }

    private static void check(List<String> errors, boolean holds, String error) {
        if (!holds) {
            errors.add(error);
        }
    }

    private static boolean isTimestamp(String text) {
        try {
            TIMESTAMP.parse(text);
            return true;
        } catch (DateTimeException e) {
            return false;
        }
    }

    private static Reply refused(String status, List<String> errors) {
        return new Reply(
                400,
                "application/json",
                Json.object("status", status, "message", "Event object is invalid", "errors", errors)
                        .toString());
    }
}
