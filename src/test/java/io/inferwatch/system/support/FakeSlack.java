package io.inferwatch.system.support;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Slack's {@code chat.postMessage} and {@code chat.update}, and an incoming webhook at {@code /hook}. Faults are what
 * Slack refuses (sizes, an unknown {@code ts}, no bearer token) and what it lets through to the harm of people: an
 * active mention made of a label, blocks without a text for the notification.
 */
public final class FakeSlack extends StrictServer {
    public static final String CHANNEL = "C0123ABCD";

    private static final Pattern MENTION = Pattern.compile("<!(channel|here|everyone|subteam)|<@[UW]");
    private static final Pattern CHANNEL_ID = Pattern.compile("[CGD][A-Z0-9]{6,}");
    /** One message a second and channel, with bursts of this many. */
    private static final double BURST = 4;

    private final Map<String, Message> messages = new LinkedHashMap<>();
    private final List<JsonNode> hooked = new ArrayList<>();
    private final Map<String, Double> budget = new HashMap<>();
    private final Map<String, Long> budgetAtNanos = new HashMap<>();
    private long lastMicros;

    /** A message as people see it now; {@code updates} counts how often it was changed. */
    public record Message(String channel, JsonNode body, int updates) {
        /** All the words in it, as JSON. */
        public String words() {
            return body.toString();
        }
    }

    private FakeSlack() {}

    public static FakeSlack start() {
        FakeSlack fake = new FakeSlack();
        fake.listen();
        return fake;
    }

    /** This stand-in as the receivers {@code slack} (bot) and {@code hook} (webhook) of the rules file. */
    public List<String> receivers() {
        return List.of(
                "slack: {type: slack, mode: bot, token: xoxb-test, channel: " + CHANNEL + ", api_url: '" + url()
                        + "/api/'}",
                "hook: {type: slack, mode: webhook, url: '" + url() + "/hook'}");
    }

    /** What the bot posted and updated, by {@code ts}. */
    public synchronized Map<String, Message> messages() {
        return new LinkedHashMap<>(messages);
    }

    /** The bot's messages that name this. */
    public synchronized List<Message> messages(String part) {
        return messages.values().stream()
                .filter(message -> message.words().contains(part))
                .toList();
    }

    /** What came through the webhook and names this. */
    public synchronized List<JsonNode> hooked(String part) {
        return hooked.stream().filter(body -> body.toString().contains(part)).toList();
    }

    @Override
    protected String limitedBy(String path, JsonNode body) {
        return path + " " + body.path("channel").asText();
    }

    @Override
    protected Reply unreadable() {
        return new Reply(400, "text/plain", "invalid_payload");
    }

    @Override
    protected Reply take(String path, JsonNode body, HttpExchange exchange) {
        checkLimits(body);
        if (path.equals("/hook")) {
            return hook(body);
        }
        String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!authorization.equals("Bearer xoxb-test")) {
            fault("no bearer token, or another one");
            return error("not_authed");
        }
        String channel = body.path("channel").asText();
        if (!CHANNEL_ID.matcher(channel).matches()) {
            fault("channel is no id: " + channel);
            return error("channel_not_found");
        }
        return switch (path) {
            case "/api/chat.postMessage" -> post(channel, body);
            case "/api/chat.update" -> update(channel, body);
            default -> {
                fault("method " + path);
                yield error("unknown_method");
            }
        };
    }

    private Reply hook(JsonNode body) {
        if (!body.has("text") && !body.has("blocks") && !body.has("attachments")) {
            fault("webhook without text");
            return new Reply(400, "text/plain", "no_text");
        }
        for (String overridden : List.of("channel", "username", "icon_emoji", "icon_url")) {
            if (body.has(overridden)) {
                fault("a webhook cannot set " + overridden);
            }
        }
        hooked.add(body);
        return new Reply(200, "text/html", "ok");
    }

    private Reply post(String channel, JsonNode body) {
        if (!spend(channel)) {
            String refusal = "{\"ok\":false,\"error\":\"ratelimited\"}";
            return new Reply(429, "application/json", refusal, Optional.of(Duration.ofSeconds(1)));
        }
        lastMicros = Math.max(lastMicros + 1, System.currentTimeMillis() * 1000);
        String ts = String.format(Locale.ROOT, "%d.%06d", lastMicros / 1_000_000, lastMicros % 1_000_000);
        if (body.has("thread_ts")
                && !messages.containsKey(body.path("thread_ts").asText())) {
            fault("a reply to a message that is no parent: " + body.path("thread_ts"));
            return error("cannot_reply_to_message");
        }
        messages.put(ts, new Message(channel, body, 0));
        return posted(channel, ts);
    }

    private Reply update(String channel, JsonNode body) {
        String ts = body.path("ts").asText();
        Message was = messages.get(ts);
        if (was == null || !was.channel().equals(channel)) {
            fault("update of an unknown ts: " + ts + " in " + channel);
            return error("message_not_found");
        }
        if (body.path("text").asText().length() > 4000) {
            fault("update with a text over 4,000");
            return error("msg_too_long");
        }
        messages.put(ts, new Message(channel, body, was.updates() + 1));
        return posted(channel, ts);
    }

    private static Reply posted(String channel, String ts) {
        return new Reply(
                200,
                "application/json",
                Json.object("ok", true, "channel", channel, "ts", ts, "message", Json.object("text", ""))
                        .toString());
    }

    private static Reply error(String name) {
        return new Reply(
                200, "application/json", Json.object("ok", false, "error", name).toString());
    }

    private boolean spend(String channel) {
        long now = System.nanoTime();
        long before = budgetAtNanos.getOrDefault(channel, now);
        double left = Math.min(BURST, budget.getOrDefault(channel, BURST) + (now - before) / 1e9);
        budgetAtNanos.put(channel, now);
        budget.put(channel, left >= 1 ? left - 1 : left);
        return left >= 1;
    }

    private void checkLimits(JsonNode body) {
        JsonNode blocks = body.path("blocks");
        String words = body.toString();
        check(blocks.size() <= 50, "more than 50 blocks");
        check(blocks.toString().length() <= 15_000, "blocks over 15,000 characters");
        check(blocks.isEmpty() || !body.path("text").asText().isEmpty(), "blocks without a text");
        check(body.path("text").asText().length() <= 40_000, "text over 40,000");
        check(!MENTION.matcher(words).find(), "an active mention came through: " + words);
        for (JsonNode block : blocks) {
            checkBlock(block);
        }
    }

    private void checkBlock(JsonNode block) {
        String type = block.path("type").asText();
        int limit = type.equals("header") ? 150 : 3000;
        check(block.path("text").path("text").asText().length() <= limit, type + " text over " + limit);
        check(!type.equals("section") || block.path("fields").size() <= 10, "more than 10 fields");
        check(!type.equals("context") || block.path("elements").size() <= 10, "more than 10 context elements");
        for (JsonNode field : block.path("fields")) {
            check(field.path("text").asText().length() <= 2000, "a field over 2,000");
        }
    }

    private void check(boolean holds, String fault) {
        if (!holds) {
            fault(fault);
        }
    }
}
