package io.inferwatch.notifier;

import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Delivered;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Delivery.RetryLater;
import io.inferwatch.notifier.channel.Endpoint;
import io.inferwatch.notifier.channel.Notice;
import io.inferwatch.notifier.channel.Notification;
import io.inferwatch.notifier.channel.Notification.Closed;
import io.inferwatch.notifier.channel.Receipt;
import io.inferwatch.notifier.channel.Secret;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Owed;
import io.inferwatch.notifier.conversation.Told;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what is owed to the receivers: one call at a time for each conversation, no faster than a receiver wants, again
 * after a failure. Belongs to the pipeline's thread; only {@link #attempt} runs on a delivery thread.
 */
final class Dispatcher {
    private static final Logger log = LoggerFactory.getLogger(Dispatcher.class);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(60);

    /** What was turned down for good is tried again this seldom: somebody may invite the bot or renew the key. */
    private static final Duration REJECTED_PAUSE = Duration.ofMinutes(5);

    private final Ledger ledger;
    private final ReceiverDesks desks;
    private final ToldLog toldLog;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final RandomGenerator random;
    private final DeliveryThreads threads;
    private final Consumer<Runnable> pipeline;
    private long nextRecord;
    private boolean decideAgain;

    /** @param pipeline runs something on the pipeline's thread */
    Dispatcher(
            Ledger ledger,
            ReceiverDesks desks,
            ToldLog toldLog,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random,
            DeliveryThreads threads,
            Consumer<Runnable> pipeline) {
        this.ledger = ledger;
        this.desks = desks;
        this.toldLog = toldLog;
        this.clock = clock;
        this.nanos = nanos;
        this.random = random;
        this.threads = threads;
        this.pipeline = pipeline;
    }

    /** One call to be made. */
    private record Errand(Lane lane, ReceiverDesk desk, Notice notice, boolean supersededKey) {}

    /** Marks what may be sent now, so that the mark is written before the attempt. */
    boolean markDue() {
        long now = nanos.getAsLong();
        boolean marked = false;
        for (Lane lane :
                ledger.working().stream().sorted(Lane.MOST_URGENT_FIRST).toList()) {
            Optional<Owed> owed = lane.conversation.owed();
            if (owed.isEmpty() || owed.get().sending() || !isFree(lane, now)) {
                continue;
            }
            if (desk(lane.conversation, owed.get())
                    .filter(desk -> desk.takeTurn(now))
                    .isPresent()) {
                Conversation attempting = lane.conversation.attempting();
                toldLog.attempting(attempting);
                ledger.put(attempting, now);
                marked = true;
            }
        }
        return marked;
    }

    /**
     * Sends what is marked and committed, and closes replaced keys.
     *
     * @param withoutDatabase what cannot wait is then sent all the same, with the log beside it as the record
     */
    boolean send(boolean withoutDatabase) {
        boolean sent = false;
        for (Lane lane :
                ledger.working().stream().sorted(Lane.MOST_URGENT_FIRST).toList()) {
            boolean mayGo = lane.isCommitted() || (withoutDatabase && lane.cannotWait());
            if (lane.busy || !mayGo) {
                continue;
            }
            Optional<Errand> errand = errand(lane);
            if (errand.isPresent() && !lane.isCommitted()) {
                toldLog.telling(lane.conversation, clock.instant());
            }
            errand.ifPresent(this::begin);
            sent |= errand.isPresent();
        }
        return sent;
    }

    private static boolean isFree(Lane lane, long nowNanos) {
        return !lane.busy && nowNanos - lane.notBeforeNanos >= 0;
    }

    private Optional<Errand> errand(Lane lane) {
        Conversation conversation = lane.conversation;
        String receiver = conversation.target().receiver();
        long now = nanos.getAsLong();
        if (conversation.owed().isPresent()) {
            Owed owed = conversation.owed().get();
            return owed.sending()
                    ? desk(conversation, owed)
                            .map(desk -> new Errand(lane, desk, notice(conversation, owed, desk), false))
                    : Optional.empty();
        }
        if (!isFree(lane, now)) {
            return Optional.empty();
        }
        Told old = conversation.superseded().getFirst();
        Closed close = new Closed(old.situation(), "continues under another key", clock.instant());
        Notice notice = new Notice(close, old.key(), receiver, Optional.of(old.receipt()), false);
        return desks.former(receiver, old.receipt().endpoint().type(), now)
                .filter(desk -> desk.takeTurn(now))
                .map(desk -> new Errand(lane, desk, notice, true));
    }

    /** A close goes to the kind of receiver that was told; anything else to what stands in the rules now. */
    private Optional<ReceiverDesk> desk(Conversation conversation, Owed owed) {
        String name = conversation.target().receiver();
        Optional<ReceiverDesk> current = desks.current(name);
        if (conversation.told().isPresent() && (owed.what() instanceof Closed || current.isEmpty())) {
            String type = conversation.told().get().receipt().endpoint().type();
            return desks.former(name, type, nanos.getAsLong());
        }
        return current;
    }

    private static Notice notice(Conversation conversation, Owed owed, ReceiverDesk desk) {
        Optional<Receipt> opened = conversation
                .told()
                .map(Told::receipt)
                .filter(receipt ->
                        receipt.endpoint().type().equals(desk.receiver().type()))
                .filter(receipt -> conversation.told().get().key().equals(owed.key()));
        return new Notice(owed.what(), owed.key(), conversation.target().receiver(), opened, owed.mayHaveArrived());
    }

    private void begin(Errand errand) {
        errand.lane().busy = true;
        errand.lane().missedTick = false;
        errand.desk().callBegins();
        int attempt = errand.lane().conversation.owed().map(Owed::attempts).orElse(errand.lane().failures) + 1;
        long startNanos = nanos.getAsLong();
        threads.run(errand.notice().receiver(), () -> {
            Delivery delivery = attempt(errand.desk().channel(), errand.notice());
            long tookNanos = nanos.getAsLong() - startNanos;
            pipeline.accept(() -> ended(errand, delivery, attempt, Duration.ofNanos(tookNanos)));
        });
    }

    /** Whatever happens, it has an outcome. */
    Delivery attempt(Channel channel, Notice notice) {
        Endpoint endpoint;
        try {
            endpoint = channel.endpoint(notice.opened());
        } catch (Secret.Unreadable e) {
            return new Rejected(String.valueOf(e.getMessage()));
        }
        try {
            toldLog.using(endpoint);
            return channel.deliver(notice, endpoint);
        } catch (RuntimeException e) {
            // Its message may hold what was sent.
            log.error(
                    "Telling {} failed by a fault of this program: {}",
                    notice.receiver(),
                    e.getClass(),
                    withoutText(e));
            return new RetryLater("internal error " + e.getClass().getSimpleName(), Optional.empty(), true);
        }
    }

    private static Throwable withoutText(RuntimeException e) {
        Throwable bare = new IllegalStateException(e.getClass().getName());
        bare.setStackTrace(e.getStackTrace());
        return bare;
    }

    private void ended(Errand errand, Delivery delivery, int attempt, Duration took) {
        Lane lane = errand.lane();
        lane.busy = false;
        errand.desk().callEnds(outcome(delivery));
        record(errand, delivery, attempt, took);
        switch (delivery) {
            case Delivered delivered -> delivered(errand, delivered.receipt());
            case RetryLater later -> retry(errand, later);
            case Rejected rejected -> rejected(errand, rejected.reason());
        }
        decideAgain |= lane.missedTick;
    }

    private void delivered(Errand errand, Receipt receipt) {
        Lane lane = errand.lane();
        Conversation before = lane.conversation;
        Conversation after = errand.supersededKey()
                ? before.closedSuperseded(errand.notice().key())
                : before.delivered(receipt, clock.instant());
        lane.failures = 0;
        lane.notBeforeNanos = nanos.getAsLong();
        errand.desk().works();
        decideAgain |= before.failing().isPresent();
        Optional<Situation> closed = Optional.of(errand.notice().what())
                .filter(Closed.class::isInstance)
                .map(Notification::situation);
        toldLog.told(after, closed);
        ledger.put(after, nanos.getAsLong());
    }

    private void retry(Errand errand, RetryLater later) {
        Lane lane = errand.lane();
        long now = nanos.getAsLong();
        Pace pace = new Pace(errand.desk());
        if (lane.failures++ == 0) {
            lane.firstFailureNanos = now;
        }
        lane.notBeforeNanos = now + pace.backoffNanos(lane.failures, random);
        later.after().ifPresent(after -> {
            lane.notBeforeNanos = now
                    + after.toNanos()
                    + random.nextLong(Duration.ofSeconds(1).toNanos());
            errand.desk().pause(lane.notBeforeNanos);
        });
        Conversation failed = lane.conversation.failed(later.mayHaveArrived());
        boolean tooLong = now - lane.firstFailureNanos >= pace.patienceNanos();
        if (tooLong) {
            errand.desk().degraded(later.reason());
            decideAgain |= failed.failing().isEmpty();
        }
        ledger.put(tooLong ? failed.failing(later.reason()) : failed, now);
    }

    private void rejected(Errand errand, String reason) {
        Lane lane = errand.lane();
        long now = nanos.getAsLong();
        log.warn(
                "{} turned down a notice of {}: {}",
                errand.notice().receiver(),
                errand.notice().what().situation().rule(),
                reason);
        if (lane.failures++ == 0) {
            lane.firstFailureNanos = now;
        }
        lane.notBeforeNanos = now + REJECTED_PAUSE.toNanos();
        errand.desk().degraded(reason);
        decideAgain |= lane.conversation.failing().isEmpty();
        ledger.put(lane.conversation.failed(false).failing(reason), now);
    }

    /** The receiver's pace as waits. */
    private record Pace(ReceiverDesk desk) {
        /** Full jitter: anything up to twice the wait of the failure before. */
        long backoffNanos(int failures, RandomGenerator random) {
            long first = desk.channel().pace().firstBackoff().toNanos();
            long most = Math.min(LONGEST_BACKOFF.toNanos(), first << Math.min(20, failures - 1));
            return random.nextLong(most) + 1;
        }

        long patienceNanos() {
            return desk.channel().pace().patience().toNanos();
        }
    }

    private void record(Errand errand, Delivery delivery, int attempt, Duration took) {
        Notification what = errand.notice().what();
        Instant at = clock.instant();
        ledger.add(new DeliveryRecord(
                "%013d-%06d".formatted(at.toEpochMilli(), nextRecord++ % 1_000_000),
                at,
                errand.notice().receiver(),
                errand.notice().key(),
                what.situation().rule(),
                what.situation().tier(),
                kind(what),
                outcome(delivery),
                reason(delivery),
                attempt,
                took));
    }

    private static String kind(Notification what) {
        return switch (what) {
            case Notification.Opened opened -> "opened";
            case Notification.TierChanged changed -> "tier_changed";
            case Notification.MembersChanged changed -> "members_changed";
            case Notification.Repeated repeated -> "repeated";
            case Notification.Acknowledged acknowledged -> "acknowledged";
            case Notification.Flapping flapping -> "flapping";
            case Notification.Report report -> "report";
            case Closed closed -> "closed";
        };
    }

    private static String outcome(Delivery delivery) {
        return switch (delivery) {
            case Delivered delivered -> "delivered";
            case RetryLater later -> "retry";
            case Rejected rejected -> "rejected";
        };
    }

    private static String reason(Delivery delivery) {
        return switch (delivery) {
            case Delivered delivered -> "";
            case RetryLater later -> later.reason();
            case Rejected rejected -> rejected.reason();
        };
    }

    /** Whether somebody else must be told, or need no longer be, because of how attempts ended. */
    boolean takeDecideAgain() {
        boolean was = decideAgain;
        decideAgain = false;
        return was;
    }

    /** What was turned down by old settings is tried with the new ones at once. */
    void settingsChanged() {
        long now = nanos.getAsLong();
        ledger.working().stream()
                .filter(lane -> lane.conversation.failing().isPresent())
                .forEach(lane -> lane.notBeforeNanos = now);
    }

    /** How long until something is due, {@link Long#MAX_VALUE} when nothing waits. */
    long nanosUntilDue() {
        long now = nanos.getAsLong();
        long least = Long.MAX_VALUE;
        for (Lane lane : ledger.working()) {
            if (!lane.busy && !lane.isSending()) {
                long backoff = Math.max(0, lane.notBeforeNanos - now);
                long pace = desks.current(lane.conversation.target().receiver())
                        .map(desk -> desk.nanosUntilTurn(now))
                        .orElse(Duration.ofSeconds(1).toNanos());
                least = Math.min(least, Math.max(backoff, pace));
            }
        }
        return least;
    }
}
