package io.inferwatch.notifier.pagerduty;

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
import io.inferwatch.notifier.outbound.Exchange.Answer;
import io.inferwatch.notifier.outbound.Outbound;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One PagerDuty integration. Events with the same key fold into one alert there, so that every attempt may be repeated;
 * 202 means accepted, not yet notified.
 */
final class PagerDutyChannel implements Channel {
    /** About 120 events a minute and key are taken, so 100 are sent; developer.pagerduty.com, events API rate limits. */
    private static final Pace PACE = new Pace(100, 100, Duration.ofSeconds(2), Duration.ofHours(1));

    /** "Backoff of a few minutes" or "30 s apart", where the answer names no time. */
    private static final HttpFailures HTTP =
            new HttpFailures("PagerDuty", "PagerDuty's address", Duration.ofSeconds(30), true);

    /** 960 requests a minute and token are taken; developer.pagerduty.com, REST API rate limits. */
    private static final Duration ASKS_EVERY = Duration.ofSeconds(30);

    private final Outbound outbound;
    private final String url;
    private final Secret routingKey;
    private final EventBody body;
    private final Incidents incidents;

    PagerDutyChannel(Outbound outbound, String url, Secret routingKey, EventBody body, Incidents incidents) {
        this.outbound = outbound;
        this.url = url;
        this.routingKey = routingKey;
        this.body = body;
        this.incidents = incidents;
    }

    @Override
    public Optional<Duration> asksForAcksEvery() {
        return incidents.isConfigured() ? Optional.of(ASKS_EVERY) : Optional.empty();
    }

    @Override
    public Optional<String> ackedBy(String key) {
        return incidents.ackedBy(key);
    }

    @Override
    public Pace pace() {
        return PACE;
    }

    /** The same key on two integrations makes two alerts: what is open stays where it is. */
    @Override
    public Endpoint endpoint(Optional<Receipt> opened) throws Secret.Unreadable {
        Optional<Endpoint> used = opened.map(Receipt::endpoint)
                .filter(endpoint -> endpoint.field("routing_key").isPresent());
        return used.isPresent()
                ? used.get()
                : new Endpoint("pagerduty", Map.of("url", url, "routing_key", routingKey.read()));
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        byte[] event = body.of(notice, endpoint.field("routing_key").orElse(""));
        String to = endpoint.field("url").orElse(url);
        return HTTP.read(
                outbound.post(to, Map.of("Content-Type", "application/json"), event),
                Function.identity(),
                answer -> delivery(answer, endpoint));
    }

    private static Delivery delivery(Answer answer, Endpoint endpoint) {
        if (answer.isSuccess()) {
            return new Delivered(new Receipt(endpoint, Map.of()));
        }
        String said = ErrorAnswer.text(answer.body())
                .replace(endpoint.field("routing_key").orElse("\0"), "<redacted>");
        return new Rejected("PagerDuty: HTTP " + answer.status() + (said.isEmpty() ? "" : ": " + said));
    }
}
