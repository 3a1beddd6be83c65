package io.inferwatch.notifier.slack;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
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
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * An incoming webhook. It names no message it made, so every notice is a message of its own. The URL is the credential.
 */
final class SlackWebhook implements Channel {
    /** One a second, short bursts tolerated; docs.slack.dev, rate limits. */
    private static final Pace PACE = new Pace(3, 60, Duration.ofSeconds(1), Duration.ofMinutes(30));

    private static final HttpFailures HTTP = new HttpFailures("Slack", "Slack's address", Duration.ofSeconds(30), true);

    private final Outbound outbound;
    private final Secret url;
    private final MessageBody body;

    SlackWebhook(Outbound outbound, Secret url, MessageBody body) {
        this.outbound = outbound;
        this.url = url;
        this.body = body;
    }

    @Override
    public Pace pace() {
        return PACE;
    }

    @Override
    public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
        Optional<Endpoint> used = opened.map(Receipt::endpoint)
                .filter(endpoint -> endpoint.field("url").isPresent());
        return used.isPresent() ? used.get() : new Endpoint("slack", Map.of("url", url.read()));
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        Notice asNew =
                new Notice(notice.what(), notice.key(), notice.receiver(), Optional.empty(), notice.possibleRepeat());
        Exchange first = post(endpoint, body.withBlocks(asNew, Map.of()));
        boolean notTaken = first instanceof Answer answer
                && answer.status() == 400
                && (answer.body().contains("invalid_blocks") || answer.body().contains("invalid_payload"));
        return delivery(notTaken ? post(endpoint, body.plain(asNew, Map.of())) : first, endpoint);
    }

    private Exchange post(Endpoint endpoint, byte[] message) {
        return outbound.post(endpoint.field("url").orElse(""), Map.of("Content-Type", "application/json"), message);
    }

    private static Delivery delivery(Exchange exchange, Endpoint endpoint) {
        return HTTP.read(
                exchange,
                Function.identity(),
                answer -> answer.status() == 200
                        ? new Delivered(new Receipt(endpoint, Map.of()))
                        : new Rejected("Slack: HTTP " + answer.status() + reason(answer.body())));
    }

    /** Slack answers a word such as {@code no_service}; anything else may repeat what was sent. */
    private static String reason(String said) {
        String word = said.strip();
        return word.matches("[a-z_]{1,60}") ? " " + word : "";
    }
}
