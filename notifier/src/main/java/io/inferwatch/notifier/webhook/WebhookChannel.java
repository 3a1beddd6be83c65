package io.inferwatch.notifier.webhook;

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
import io.inferwatch.notifier.outbound.Outbound;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Any HTTP receiver. The URL may hold a token, so it is a secret as a whole. */
final class WebhookChannel implements Channel {
    private static final Pace PACE = new Pace(20, 600, Duration.ofSeconds(1), Duration.ofMinutes(30));

    private static final HttpFailures HTTP = new HttpFailures("webhook", "webhook's url", Duration.ofSeconds(5), true);

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
        return HTTP.read(
                outbound.post(to, Map.of("Content-Type", "application/json"), body.of(notice)),
                Function.identity(),
                answer -> answer.isSuccess()
                        ? new Delivered(new Receipt(endpoint, Map.of()))
                        : new Rejected("webhook: HTTP " + answer.status()));
    }
}
