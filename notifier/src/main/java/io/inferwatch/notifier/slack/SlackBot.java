package io.inferwatch.notifier.slack;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.HttpFailures;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.outbound.Exchange;
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Outbound;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bot in a channel: {@code chat.postMessage} for what is new, {@code chat.update} of that message for all that follows.
 * Posting cannot be repeated without showing twice, so an attempt without an answer is said to be one.
 */
final class SlackBot implements Channel {
    private static final Logger log = LoggerFactory.getLogger(SlackBot.class);

    /** About one message a second and channel, short bursts tolerated; docs.slack.dev, rate limits. */
    private static final Pace PACE = new Pace(3, 60, Duration.ofSeconds(1), Duration.ofMinutes(30));

    private static final HttpFailures HTTP = new HttpFailures("Slack", "Slack's address", Duration.ofSeconds(30), true);
    private static final String POST = "chat.postMessage";
    private static final String UPDATE = "chat.update";

    private final Outbound outbound;
    private final String apiUrl;
    private final Secret token;
    private final String channel;
    private final boolean threadUpdates;
    private final MessageBody body;

    SlackBot(Outbound outbound, String apiUrl, Secret token, String channel, boolean threadUpdates, MessageBody body) {
        this.outbound = outbound;
        this.apiUrl = apiUrl;
        this.token = token;
        this.channel = channel;
        this.threadUpdates = threadUpdates;
        this.body = body;
    }

    @Override
    public Pace pace() {
        return PACE;
    }

    /** A renewed token serves the messages of the old one; another channel or workspace does not. */
    @Override
    public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
        Optional<Endpoint> used = opened.map(Receipt::endpoint)
                .filter(endpoint -> endpoint.field("token").isPresent());
        if (used.isPresent() && !isHere(used.get())) {
            return used.get();
        }
        try {
            return new Endpoint("slack", Map.of("api_url", apiUrl, "channel", channel, "token", token.read()));
        } catch (Secret.Unreadable e) {
            if (used.isPresent()) {
                return used.get();
            }
            throw e;
        }
    }

    private boolean isHere(Endpoint used) {
        return used.field("api_url").filter(apiUrl::equals).isPresent()
                && used.field("channel").filter(channel::equals).isPresent();
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        Map<String, String> handle = notice.opened().map(Receipt::handle).orElse(Map.of());
        String ts = handle.get("ts");
        if (ts == null) {
            return post(notice, endpoint);
        }
        Map<String, String> address = address(handle.getOrDefault("channel", channel), "ts", ts);
        Outcome updated = call(UPDATE, notice, address, endpoint);
        if (updated instanceof Outcome.Refusal refusal && refusal.answer().isMessageLost()) {
            return post(notice, endpoint);
        }
        Delivery delivery = delivery(updated, endpoint, handle);
        if (threadUpdates && delivery instanceof Delivered) {
            reply(notice, endpoint, handle.getOrDefault("channel", channel), ts);
        }
        return delivery;
    }

    private Delivery post(Notice notice, Endpoint endpoint) {
        Map<String, String> address =
                Map.of("channel", endpoint.field("channel").orElse(channel));
        return delivery(call(POST, notice, address, endpoint), endpoint, Map.of());
    }

    /** The update counts; a reply that fails is only missed. */
    private void reply(Notice notice, Endpoint endpoint, String where, String ts) {
        Map<String, String> address = address(where, "thread_ts", ts);
        Exchange exchange = send(POST, body.threadReply(notice, address), endpoint);
        if (!(outcome(exchange) instanceof Outcome.Taken)) {
            log.info("The reply in the thread of {} was not taken", notice.key());
        }
    }

    private static Map<String, String> address(String channel, String tsName, String ts) {
        Map<String, String> address = new LinkedHashMap<>();
        address.put("channel", channel);
        address.put(tsName, ts);
        return address;
    }

    /** One call, and one more with plain text where the blocks were not taken. */
    private Outcome call(String method, Notice notice, Map<String, String> address, Endpoint endpoint) {
        Outcome first = outcome(send(method, body.withBlocks(notice, address), endpoint));
        if (first instanceof Outcome.Refusal refusal && refusal.answer().isNotSendable()) {
            log.warn(
                    "Slack did not take the blocks of {} ({}); sending plain text",
                    notice.key(),
                    refusal.answer().error());
            return outcome(send(method, body.plain(notice, address), endpoint));
        }
        return first;
    }

    private Exchange send(String method, byte[] message, Endpoint endpoint) {
        Map<String, String> headers = Map.of(
                "Content-Type",
                "application/json; charset=utf-8",
                "Authorization",
                "Bearer " + endpoint.field("token").orElse(""));
        return outbound.post(endpoint.field("api_url").orElse(apiUrl) + method, headers, message);
    }

    /** An exchange as Slack means it. */
    private sealed interface Outcome {
        record Taken(SlackAnswer answer) implements Outcome {}

        record Refusal(SlackAnswer answer, Optional<Duration> retryAfter) implements Outcome {}

        record Failure(Delivery delivery) implements Outcome {}
    }

    private static Outcome outcome(Exchange exchange) {
        return HTTP.read(exchange, Outcome.Failure::new, SlackBot::answered);
    }

    private static Outcome answered(Answer answer) {
        if (answer.status() != 200) {
            return new Outcome.Failure(new Rejected("Slack: HTTP " + answer.status()));
        }
        Optional<SlackAnswer> said = SlackAnswer.parse(answer.body());
        if (said.isEmpty()) {
            return new Outcome.Failure(new RetryLater("Slack: an answer that is not Slack's", Optional.empty(), true));
        }
        return said.get().ok() ? new Outcome.Taken(said.get()) : new Outcome.Refusal(said.get(), answer.retryAfter());
    }

    private static Delivery delivery(Outcome outcome, Endpoint endpoint, Map<String, String> before) {
        return switch (outcome) {
            case Outcome.Failure failure -> failure.delivery();
            case Outcome.Taken taken -> {
                Map<String, String> handle = new HashMap<>(before);
                taken.answer().channel().ifPresent(id -> handle.put("channel", id));
                taken.answer().ts().ifPresent(ts -> handle.putIfAbsent("ts", ts));
                yield new Delivered(new Receipt(endpoint, handle));
            }
            case Outcome.Refusal refusal -> refused(refusal);
        };
    }

    private static Delivery refused(Outcome.Refusal refusal) {
        SlackAnswer answer = refusal.answer();
        if (answer.isRateLimit()) {
            return new RetryLater(
                    "Slack: rate limited", Optional.of(refusal.retryAfter().orElse(HTTP.pauseWhenLimited())), false);
        }
        return answer.isPassing()
                ? new RetryLater(
                        "Slack: " + answer.error(),
                        refusal.retryAfter(),
                        answer.error().equals("fatal_error"))
                : new Rejected("Slack: " + (answer.error().isEmpty() ? "refused without a reason" : answer.error()));
    }
}
