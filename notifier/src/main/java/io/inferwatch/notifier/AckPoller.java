package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Told;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks receivers that can say so whether somebody acknowledged there what is open and nobody's. A call that fails is made
 * again in the next round. Belongs to the pipeline's thread.
 */
final class AckPoller {
    private static final Logger log = LoggerFactory.getLogger(AckPoller.class);

    /** Questions to one receiver in a round; those longest unasked come first. */
    private static final int MOST_AT_ONCE = 20;

    private final Ledger ledger;
    private final ReceiverDesks desks;
    private final LongSupplier nanos;
    private final DeliveryThreads threads;
    private final Consumer<Runnable> pipeline;
    private final BiConsumer<Conversation, String> acknowledged;
    private final Map<String, Long> dueNanos = new HashMap<>();
    private long round;

    /** @param acknowledged on the pipeline's thread: what was open there as it was asked for, and who took it on */
    AckPoller(
            Ledger ledger,
            ReceiverDesks desks,
            LongSupplier nanos,
            DeliveryThreads threads,
            Consumer<Runnable> pipeline,
            BiConsumer<Conversation, String> acknowledged) {
        this.ledger = ledger;
        this.desks = desks;
        this.nanos = nanos;
        this.threads = threads;
        this.pipeline = pipeline;
        this.acknowledged = acknowledged;
    }

    void ask() {
        long now = nanos.getAsLong();
        for (ReceiverDesk desk : desks.all()) {
            String name = desk.receiver().name();
            Optional<Duration> every = desk.channel().asksForAcksEvery();
            if (every.isPresent() && now - dueNanos.getOrDefault(name, now) >= 0) {
                dueNanos.put(name, now + every.get().toNanos());
                round++;
                asked(name).forEach(lane -> ask(desk.channel(), lane));
            }
        }
    }

    private List<Lane> asked(String receiver) {
        List<Lane> open = new ArrayList<>();
        for (Lane lane : ledger.lanes()) {
            Optional<Told> told = lane.conversation.told();
            boolean isNobodys = told.isPresent()
                    && lane.conversation.owed().isEmpty()
                    && told.get().situation().ackedBy().isEmpty();
            if (isNobodys && lane.conversation.target().receiver().equals(receiver)) {
                open.add(lane);
            }
        }
        open.sort((a, b) -> Long.compare(a.askedInRound, b.askedInRound));
        return open.subList(0, Math.min(open.size(), MOST_AT_ONCE));
    }

    private void ask(Channel channel, Lane lane) {
        lane.askedInRound = round;
        Conversation conversation = lane.conversation;
        Told told = conversation.told().orElseThrow();
        String receiver = conversation.target().receiver();
        threads.run(receiver, () -> {
            try {
                channel.ackedBy(told.key())
                        .ifPresent(by -> pipeline.accept(() -> acknowledged.accept(conversation, by)));
            } catch (RuntimeException e) {
                log.warn(
                        "{} could not be asked for acknowledgements: {}",
                        receiver,
                        e.getClass().getSimpleName());
            }
        });
    }
}
