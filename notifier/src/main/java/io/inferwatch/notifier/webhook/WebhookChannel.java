package io.inferwatch.notifier.webhook;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Exchange.NoAnswer;
import io.inferwatch.notifier.outbound.Exchange.Refused;
import io.inferwatch.notifier.outbound.Outbound;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Any HTTP receiver. The URL may hold a token, so it is a secret as a whole. */
final class WebhookChannel implements Channel {
    private static final Pace PACE = new Pace(20, 600, Duration.ofSeconds(1), Duration.ofMinutes(30));

    /** Where a 429 names no time. */
    private static final Duration RATE_LIMITED = Duration.ofSeconds(5);

    private final Outbound outbound;
    private final Secret url;
    private final AlertmanagerBody body;

    WebhookChannel(Outbound outbound, Secret url, AlertmanagerBody body) {
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
        return used.isPresent() ? used.get() : new Endpoint("webhook", Map.of("url", url.read()));
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        String to = endpoint.field("url").orElse("");
        return switch (outbound.post(to, Map.of("Content-Type", "application/json"), body.of(notice))) {
            case Refused refused -> new Rejected("webhook's url cannot be called: " + refused.reason());
            case NoAnswer none -> new RetryLater("webhook: " + none.reason(), Optional.empty(), none.mayHaveArrived());
            case Answer answer -> delivery(answer, endpoint);
        };
    }

    private static Delivery delivery(Answer answer, Endpoint endpoint) {
        int status = answer.status();
        if (status >= 200 && status < 300) {
            return new Delivered(new Receipt(endpoint, Map.of()));
        }
        if (status == 429) {
            return new RetryLater(
                    "webhook: rate limited", Optional.of(answer.retryAfter().orElse(RATE_LIMITED)), false);
        }
        return status == 408 || status >= 500
                ? new RetryLater("webhook: HTTP " + status, answer.retryAfter(), true)
                : new Rejected("webhook: HTTP " + status);
    }
}
