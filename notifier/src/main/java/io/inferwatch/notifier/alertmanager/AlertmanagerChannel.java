package io.inferwatch.notifier.alertmanager;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.alertmanager.AlertsBody.Item;
import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.HttpFailures;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Pace;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.outbound.Outbound;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * All members of one Alertmanager cluster: members do not pass alerts on to each other, so each is told. What fires is
 * sent again each minute with an end some minutes ahead, so that a dead sidecar's alerts resolve by themselves, and a
 * member that missed a notice has it a minute later: a notice one member took is delivered.
 *
 * <p>Tier is the label {@code severity}, so another tier is another alert there, and the one before is ended.
 */
final class AlertmanagerChannel implements Channel {
    private static final Pace PACE = new Pace(50, 1200, Duration.ofSeconds(1), Duration.ofMinutes(10));
    private static final Duration AGAIN = Duration.ofMinutes(1);

    /** Prometheus looks four sends ahead; prometheus/rules/alerting.go, sendAlerts. */
    private static final Duration AHEAD = Duration.ofMinutes(4);

    /** What Alertmanager has already it takes again without a word. */
    private static final HttpFailures HTTP =
            new HttpFailures("Alertmanager", "Alertmanager's address", Duration.ofSeconds(5), false);

    private static final String URLS = "urls";

    private final Outbound outbound;
    private final List<String> urls;
    private final AlertsBody body;
    private final InstantSource clock;

    AlertmanagerChannel(Outbound outbound, List<String> urls, AlertsBody body, InstantSource clock) {
        this.outbound = outbound;
        this.urls = List.copyOf(urls);
        this.body = body;
        this.clock = clock;
    }

    @Override
    public Pace pace() {
        return PACE;
    }

    @Override
    public Endpoint endpoint(Optional<Receipt> opened) {
        return opened.map(Receipt::endpoint)
                .filter(used -> used.field(URLS).isPresent())
                .orElseGet(() -> new Endpoint("alertmanager", Map.of(URLS, String.join(" ", urls))));
    }

    @Override
    public Delivery deliver(Notice notice, Endpoint endpoint) {
        if (notice.what() instanceof Report) {
            return new Rejected("Alertmanager takes alerts, no reports; send digests to another receiver");
        }
        Instant now = clock.instant();
        List<Item> items = new ArrayList<>();
        LabelSet labels = AlertsBody.labels(notice.what().situation());
        notice.opened()
                .map(receipt -> LabelSet.of(receipt.handle()))
                .filter(before -> !before.isEmpty() && !before.equals(labels))
                .ifPresent(before -> items.add(new Item(before, notice.what().situation(), now)));
        Instant end = notice.what() instanceof Closed closed ? closed.at() : now.plus(AHEAD);
        items.add(new Item(labels, notice.what().situation(), end));
        Receipt receipt = new Receipt(endpoint, labels.asMap());
        return post(endpoint, items, receipt);
    }

    @Override
    public Optional<Duration> refreshEvery() {
        return Optional.of(AGAIN);
    }

    @Override
    public Delivery refresh(List<Notice> open, Endpoint endpoint) {
        Instant end = clock.instant().plus(AHEAD);
        List<Item> items = open.stream()
                .map(notice -> new Item(
                        AlertsBody.labels(notice.what().situation()),
                        notice.what().situation(),
                        end))
                .toList();
        return post(endpoint, items, new Receipt(endpoint, Map.of()));
    }

    /** The best outcome among the members counts. */
    private Delivery post(Endpoint endpoint, List<Item> items, Receipt receipt) {
        byte[] alerts = body.of(items);
        Delivery best = new Rejected("Alertmanager: no member is named");
        for (String member : endpoint.field(URLS).orElse("").split(" ", -1)) {
            Delivery delivery = post(member, alerts, receipt);
            boolean better = delivery instanceof Delivered
                    || (delivery instanceof RetryLater && !(best instanceof Delivered))
                    || (best instanceof Rejected && delivery instanceof Rejected);
            best = better ? delivery : best;
        }
        return best;
    }

    private Delivery post(String member, byte[] alerts, Receipt receipt) {
        String to = member.replaceFirst("/+$", "") + "/api/v2/alerts";
        return HTTP.read(
                outbound.post(to, Map.of("Content-Type", "application/json"), alerts),
                Function.identity(),
                answer -> answer.isSuccess()
                        ? new Delivered(receipt)
                        : new Rejected("Alertmanager: HTTP " + answer.status()));
    }
}
