package io.inferwatch.notifier.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * PagerDuty ({@code /v2/enqueue}), Slack's Web API ({@code /api/chat.*}) and webhooks ({@code /hook…}) in one server that
 * checks meaning, not receipt: what is open under which key, which messages there are, and that nobody calls before a
 * {@code Retry-After} has passed. What a client did wrong is in {@link #faults}.
 */
public final class StrictReceivers implements AutoCloseable {
    public static final String ROUTING_KEY = "0123456789abcdef0123456789abcdef";
    public static final String API_TOKEN = "S3CR3T-api-token";
    public static final String TOKEN = "xoxb-S3CR3T-token";

    private static final Pattern ACTIVE_MENTION = Pattern.compile("<!(channel|here|everyone)|<@U|<!subteam");
    private static final Set<String> PAGERDUTY_FIELDS =
            Set.of("routing_key", "event_action", "dedup_key", "payload", "images", "links", "client", "client_url");

    /** One request as it came. */
    public record Call(String path, Map<String, Object> body, String raw) {}

    /** An answer to give instead of the right one. */
    public record Instead(int status, String body, String retryAfter, boolean afterDoing) {
        public static Instead status(int status) {
            return new Instead(status, "", "", false);
        }
    }

    public final List<Call> calls = new ArrayList<>();
    public final List<String> faults = new ArrayList<>();

    /** Routing key and dedup key to severity. */
    public final Map<String, String> open = new LinkedHashMap<>();

    /** Every alert PagerDuty ever made, by dedup key, in order. */
    public final List<String> created = new ArrayList<>();

    public final List<String> closed = new ArrayList<>();
    public final List<String> acknowledged = new ArrayList<>();
    public final Set<String> ackedAtPagerDuty = new HashSet<>();
    public final List<String> incidentQueries = new ArrayList<>();

    /** Slack's messages by channel and ts. */
    public final Map<String, Map<String, Object>> messages = new LinkedHashMap<>();

    public final List<Map<String, Object>> hooks = new ArrayList<>();
    private final Map<String, Map<String, Instant>> alertmanagers = new HashMap<>();
    public final Deque<Instead> instead = new ArrayDeque<>();
    public boolean mentionsAllowed;

    /** Whether everything is answered with 503. */
    public volatile boolean down;

    private final Map<String, Instant> notBefore = new HashMap<>();
    private final Set<String> everOpened = new HashSet<>();
    private final Supplier<Instant> clock;
    private final HttpServer server;
    private int nextTs = 1;

    public StrictReceivers(Supplier<Instant> clock) {
        this.clock = clock;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String raw = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            early(path);
            if (path.equals("/incidents")) {
                answer(exchange, incidents(exchange), path);
                return;
            }
            Instead other = down ? Instead.status(503) : instead.poll();
            if (other != null && !other.afterDoing()) {
                answer(exchange, other, path);
                return;
            }
            Instead right = right(exchange, path, raw);
            answer(exchange, other == null ? right : other, path);
        }
    }

    private void early(String path) {
        Instant least = notBefore.get(path);
        if (least != null && clock.get().isBefore(least)) {
            faults.add(path + " was called before its Retry-After had passed");
        }
    }

    /** Status 0 ends the connection without an answer. */
    private void answer(HttpExchange exchange, Instead answer, String path) throws IOException {
        if (answer.status() == 0) {
            return;
        }
        if (!answer.retryAfter().isEmpty()) {
            exchange.getResponseHeaders().add("Retry-After", answer.retryAfter());
            notBefore.put(path, clock.get().plus(Duration.ofSeconds(Long.parseLong(answer.retryAfter()))));
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private Instead right(HttpExchange exchange, String path, String raw) {
        Map<String, Object> body;
        try {
            if (path.endsWith("/api/v2/alerts")) {
                return alertmanager(path, Json.list(Json.read(raw)), raw);
            }
            body = Json.object(Json.read(raw));
        } catch (IOException e) {
            return fault(400, path + ": no JSON");
        }
        calls.add(new Call(path, body, raw));
        String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
        if (!type.startsWith("application/json")) {
            return fault(415, path + ": content type " + type);
        }
        boolean slack = path.startsWith("/api/") || body.containsKey("blocks");
        if (slack && !mentionsAllowed && ACTIVE_MENTION.matcher(raw).find()) {
            faults.add("an active mention came through");
        }
        if (path.equals("/v2/enqueue")) {
            return pagerDuty(body, raw);
        }
        if (path.startsWith("/api/chat.")) {
            return slack(exchange, path, body);
        }
        hooks.add(body);
        if (!(body.containsKey("text") || body.containsKey("alerts"))) {
            return fault(400, "webhook without text or alerts");
        }
        slackLimits(body);
        return new Instead(200, "ok", "", false);
    }

    private Instead fault(int status, String what) {
        faults.add(what);
        return new Instead(
                status, "{\"status\":\"invalid event\",\"errors\":[\"" + what.replace('"', '\'') + "\"]}", "", false);
    }

    private Instead pagerDuty(Map<String, Object> event, String raw) {
        String routingKey = Json.text(event.get("routing_key"));
        String key = Json.text(event.get("dedup_key"));
        Set<String> unknown = new HashSet<>(event.keySet());
        unknown.removeAll(PAGERDUTY_FIELDS);
        if (raw.getBytes(StandardCharsets.UTF_8).length > 512_000) {
            return fault(400, "body over 512 kB");
        }
        if (!unknown.isEmpty() || routingKey.length() != 32 || key.isEmpty() || key.length() > 255) {
            return fault(400, "unknown fields " + unknown + " or a wrong key: " + key);
        }
        return switch (Json.text(event.get("event_action"))) {
            case "trigger" -> trigger(event, routingKey + " " + key, key);
            case "acknowledge" -> acknowledge(event, routingKey + " " + key, key);
            case "resolve" -> resolve(event, routingKey + " " + key, key);
            default -> fault(400, "event_action " + event.get("event_action"));
        };
    }

    private Instead trigger(Map<String, Object> event, String slot, String key) {
        Map<String, Object> payload = Json.object(event.get("payload"));
        String summary = Json.text(payload.get("summary"));
        String severity = Json.text(payload.get("severity"));
        int length = summary.codePointCount(0, summary.length());
        if (length == 0 || length > 1024 || Json.text(payload.get("source")).isEmpty()) {
            return fault(400, "summary or source is missing or too long");
        }
        if (!Set.of("critical", "error", "warning", "info").contains(severity)) {
            return fault(400, "severity " + severity);
        }
        if (Pattern.compile("\\bP[0-3]\\b").matcher(summary).find()) {
            faults.add("a tier in the summary, which PagerDuty never updates");
        }
        Instant.parse(Json.text(payload.get("timestamp")));
        for (Object link : Json.list(event.get("links"))) {
            if (!Json.text(Json.object(link).get("href")).startsWith("http")) {
                faults.add("a link without href");
            }
        }
        if (open.put(slot, severity) == null) {
            created.add(key);
        }
        everOpened.add(slot);
        return new Instead(202, "{\"status\":\"success\",\"dedup_key\":\"k\"}", "", false);
    }

    /** PagerDuty's REST API, as far as it is asked for acknowledged incidents of a key. */
    private Instead incidents(HttpExchange exchange) {
        String query = exchange.getRequestURI().getQuery();
        if (!("Token token=" + API_TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return fault(401, "wrong or no API token");
        }
        incidentQueries.add(query);
        boolean acked = ackedAtPagerDuty.stream().anyMatch(key -> query.contains("incident_key=" + key + "&"));
        String found = "{\"status\":\"acknowledged\",\"acknowledgements\":[{\"at\":\"x\","
                + "\"acknowledger\":{\"summary\":\"Grace\",\"type\":\"user_reference\"}}]}";
        return new Instead(200, "{\"incidents\":[" + (acked ? found : "") + "]}", "", false);
    }

    private Instead acknowledge(Map<String, Object> event, String slot, String key) {
        if (event.size() != 3) {
            faults.add("acknowledge with more than its three fields: " + event.keySet());
        }
        if (!open.containsKey(slot)) {
            faults.add("acknowledge without an open alert: " + key);
        }
        acknowledged.add(key);
        return new Instead(202, "{\"status\":\"success\"}", "", false);
    }

    /** A second resolve is what at-least-once means; one for a key that never was open is a fault of the client. */
    private Instead resolve(Map<String, Object> event, String slot, String key) {
        if (event.size() != 3) {
            faults.add("resolve with more than its three fields: " + event.keySet());
        }
        if (!everOpened.contains(slot)) {
            faults.add("resolve without an open alert: " + key);
        }
        if (open.remove(slot) != null) {
            closed.add(key);
        }
        return new Instead(202, "{\"status\":\"success\"}", "", false);
    }

    /** Alertmanager takes any alert with a name and a valid time; what it has is by its labels. */
    private Instead alertmanager(String path, List<Object> alerts, String raw) {
        String member = path.replaceFirst("/api/v2/alerts$", "");
        calls.add(new Call(path, Map.of(), raw));
        for (Object each : alerts) {
            Map<String, Object> alert = Json.object(each);
            Map<String, Object> labels = Json.object(alert.get("labels"));
            Instant start = Instant.parse(Json.text(alert.get("startsAt")));
            Instant end = Instant.parse(Json.text(alert.get("endsAt")));
            if (end.isBefore(start) || Json.text(labels.get("alertname")).isEmpty()) {
                faults.add("an alert that ends before it starts, or without a name");
            }
            if (!labels.keySet().stream().allMatch(name -> name.matches("[a-zA-Z_][a-zA-Z0-9_]*"))
                    || labels.containsValue("")) {
                faults.add("labels Alertmanager refuses: " + labels);
            }
            alertmanagers.computeIfAbsent(member, m -> new LinkedHashMap<>()).put(labels.toString(), end);
        }
        return new Instead(200, "", "", false);
    }

    /** The labels of what fires at a member of an Alertmanager cluster now. */
    public List<String> firingAt(String member) {
        return alertmanagers.getOrDefault(member, Map.of()).entrySet().stream()
                .filter(alert -> alert.getValue().isAfter(clock.get()))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Instead slack(HttpExchange exchange, String path, Map<String, Object> body) {
        if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            faults.add("wrong or no bearer token");
            return new Instead(200, "{\"ok\":false,\"error\":\"not_authed\"}", "", false);
        }
        slackLimits(body);
        String channel = Json.text(body.get("channel"));
        if (path.equals("/api/chat.postMessage")) {
            String threadTs = Json.text(body.get("thread_ts"));
            if (!threadTs.isEmpty() && !messages.containsKey(channel + " " + threadTs)) {
                faults.add("a reply in an unknown thread");
            }
            String ts = "1763640000.%06d".formatted(nextTs++);
            messages.put(channel + " " + ts, body);
            return new Instead(
                    200,
                    "{\"ok\":true,\"channel\":\"" + channel + "\",\"ts\":\"" + ts + "\",\"message\":{}}",
                    "",
                    false);
        }
        String ts = Json.text(body.get("ts"));
        if (!path.equals("/api/chat.update") || messages.replace(channel + " " + ts, body) == null) {
            faults.add("update of an unknown message, or " + path);
            return new Instead(200, "{\"ok\":false,\"error\":\"message_not_found\"}", "", false);
        }
        return new Instead(200, "{\"ok\":true,\"channel\":\"" + channel + "\",\"ts\":\"" + ts + "\"}", "", false);
    }

    private void slackLimits(Map<String, Object> body) {
        List<Object> blocks = Json.list(body.get("blocks"));
        if (blocks.size() > 50 || asciiLength(blocks) > 15_000) {
            faults.add("too many or too large blocks");
        }
        if (!blocks.isEmpty() && Json.text(body.get("text")).isEmpty()) {
            faults.add("blocks without fallback text");
        }
        if (Json.text(body.get("text")).length() > 4000) {
            faults.add("text over 4000 characters");
        }
        if (textLength(blocks) > 9_000) {
            faults.add("more than 9000 characters in all blocks");
        }
        for (Object each : blocks) {
            Map<String, Object> block = Json.object(each);
            int limit = Json.text(block.get("type")).equals("header") ? 150 : 3000;
            if (Json.text(Json.object(block.get("text")).get("text")).length() > limit) {
                faults.add(block.get("type") + " text over " + limit);
            }
        }
    }

    /** All text of all blocks, as Slack counts its undocumented limit. */
    private static int textLength(Object value) {
        return switch (value) {
            case Map<?, ?> map ->
                map.entrySet().stream()
                        .mapToInt(entry -> entry.getKey().equals("text") && entry.getValue() instanceof String text
                                ? text.codePointCount(0, text.length())
                                : textLength(entry.getValue()))
                        .sum();
            case List<?> list ->
                list.stream().mapToInt(StrictReceivers::textLength).sum();
            default -> 0;
        };
    }

    /** As a client in Python would count: everything beyond ASCII takes six characters. */
    private static int asciiLength(Object value) {
        return value.toString().chars().map(c -> c < 128 ? 1 : 6).sum();
    }
}
