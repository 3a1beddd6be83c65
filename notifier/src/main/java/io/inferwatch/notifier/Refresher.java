package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification.Repeated;
import io.inferwatch.notifier.conversation.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells receivers that forget what is not said again all that is open there, as often as they want it. That changes
 * nothing anybody knows, so it is kept nowhere; a close waits until it has ended. Belongs to the pipeline's thread.
 */
final class Refresher {
    private static final Logger log = LoggerFactory.getLogger(Refresher.class);

    /** Alerts in one call. */
    private static final int MOST_AT_ONCE = 500;

    private final Ledger ledger;
    private final ReceiverDesks desks;
    private final LongSupplier nanos;
    private final DeliveryThreads threads;
    private final Consumer<Runnable> pipeline;
    private final Map<String, Long> dueNanos = new HashMap<>();
    private boolean missedTick;

    Refresher(
            Ledger ledger,
            ReceiverDesks desks,
            LongSupplier nanos,
            DeliveryThreads threads,
            Consumer<Runnable> pipeline) {
        this.ledger = ledger;
        this.desks = desks;
        this.nanos = nanos;
        this.threads = threads;
        this.pipeline = pipeline;
    }

    /** @return whether anything was sent */
    boolean send() {
        long now = nanos.getAsLong();
        boolean sent = false;
        for (ReceiverDesk desk : desks.all()) {
            Optional<Duration> every = desk.channel().refreshEvery();
            String name = desk.receiver().name();
            if (every.isEmpty() || now - dueNanos.getOrDefault(name, now) < 0) {
                continue;
            }
            dueNanos.put(name, now + every.get().toNanos());
            sent |= refresh(desk);
        }
        return sent;
    }

    private boolean refresh(ReceiverDesk desk) {
        Map<Endpoint, List<Lane>> byEndpoint = new LinkedHashMap<>();
        for (Lane lane : ledger.lanes()) {
            Optional<Told> told = lane.conversation.told();
            boolean isHere =
                    lane.conversation.target().receiver().equals(desk.receiver().name());
            if (isHere
                    && !lane.busy
                    && told.isPresent()
                    && lane.conversation.stillOpen().isPresent()) {
                byEndpoint
                        .computeIfAbsent(told.get().receipt().endpoint(), e -> new ArrayList<>())
                        .add(lane);
            }
        }
        byEndpoint.forEach((endpoint, lanes) -> {
            for (int from = 0; from < lanes.size(); from += MOST_AT_ONCE) {
                begin(desk, endpoint, lanes.subList(from, Math.min(lanes.size(), from + MOST_AT_ONCE)));
            }
        });
        return !byEndpoint.isEmpty();
    }

    private void begin(ReceiverDesk desk, Endpoint endpoint, List<Lane> lanes) {
        List<Notice> notices = new ArrayList<>();
        for (Lane lane : lanes) {
            Told told = lane.conversation.told().orElseThrow();
            lane.busy = true;
            lane.missedTick = false;
            notices.add(new Notice(
                    new Repeated(told.situation()),
                    told.key(),
                    desk.receiver().name(),
                    Optional.of(told.receipt()),
                    false));
        }
        threads.run(desk.receiver().name(), () -> {
            Delivery delivery;
            try {
                delivery = desk.channel().refresh(notices, endpoint);
            } catch (RuntimeException e) {
                delivery = new RetryLater("internal error " + e.getClass().getSimpleName(), Optional.empty(), false);
            }
            Delivery ended = delivery;
            pipeline.accept(() -> ended(desk, lanes, ended));
        });
    }

    private void ended(ReceiverDesk desk, List<Lane> lanes, Delivery delivery) {
        for (Lane lane : lanes) {
            lane.busy = false;
            missedTick |= lane.missedTick;
        }
        switch (delivery) {
            case Delivered delivered -> desk.works();
            case RetryLater later -> failed(desk, later.reason());
            case Rejected rejected -> failed(desk, rejected.reason());
        }
    }

    private static void failed(ReceiverDesk desk, String reason) {
        log.warn("{} was not told again what is open: {}", desk.receiver().name(), reason);
        desk.degraded(reason);
    }

    /** Whether a tick found a lane busy. */
    boolean takeMissedTick() {
        boolean was = missedTick;
        missedTick = false;
        return was;
    }
}
