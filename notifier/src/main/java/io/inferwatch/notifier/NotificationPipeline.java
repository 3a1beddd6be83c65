package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Delivery;
import io.inferwatch.notifier.channel.Delivery.Rejected;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.conversation.Ack;
import io.inferwatch.notifier.conversation.Beats;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Decider;
import io.inferwatch.notifier.conversation.Decider.Decision;
import io.inferwatch.notifier.conversation.Orders;
import io.inferwatch.notifier.conversation.Origin;
import io.inferwatch.notifier.conversation.Owed;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.notifier.conversation.TickView;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Silence;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.TickResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From ticks to delivered notices. Each tick is decided upon, its state and what receivers are owed are written in one
 * transaction, and only what is committed is sent; how each attempt ended is written at once. So what is owed survives
 * any death of the process, and what was told is not told again.
 *
 * <p>One thread does all of it step by step in {@link #doWork}; calls to receivers block on threads of their own.
 */
public final class NotificationPipeline implements AlertListener {
    private static final Logger log = LoggerFactory.getLogger(NotificationPipeline.class);

    private final Origin origin;
    private final Outbox outbox;
    private final ToldLog toldLog;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final DeliveryThreads threads;
    private final RandomGenerator random;
    private final Inbox inbox = new Inbox();
    private final Ledger ledger = new Ledger();
    private final ReceiverDesks desks;
    private final Dispatcher dispatcher;
    private final Decider decider;
    private final TestNotice test;
    private final OperatorDesk operators;
    private final Persistence persistence;
    private final Refresher refresher;
    private final AckPoller ackPoller;
    private final DigestDesk digests;
    private volatile WeeklySources weekly = WeeklySources.NONE;

    private boolean ordersChanged;
    private Beats beats = Beats.NONE;

    /** Bounded by one transaction and the calls under way. */
    private final Queue<Runnable> events = new ConcurrentLinkedQueue<>();

    private final PipelineThread thread = new PipelineThread(this::doWork, this::isQuiet, this::nanosUntilDue);
    private @Nullable TickView view;
    private @Nullable Instant firstTickAt;

    /**
     * @param hostId part of every key; must stay the same over restarts
     * @param labels the configured static ones, on every notice
     * @param random for jitter and the ids of silences
     */
    public NotificationPipeline(
            String hostId,
            LabelSet labels,
            ChannelTypes types,
            Outbox outbox,
            ToldLog toldLog,
            InstantSource clock,
            LongSupplier nanos,
            RandomGenerator random,
            DeliveryThreads threads) {
        this.origin = new Origin(hostId, labels);
        this.outbox = outbox;
        this.toldLog = toldLog;
        this.clock = clock;
        this.nanos = nanos;
        this.threads = threads;
        this.random = random;
        this.desks = new ReceiverDesks(types);
        this.dispatcher = new Dispatcher(ledger, desks, toldLog, clock, nanos, random, threads, this::later);
        this.decider = new Decider(origin, types);
        this.operators = new OperatorDesk(ledger);
        this.ackPoller = new AckPoller(ledger, desks, nanos, threads, this::later, this::acknowledgedThere);
        this.digests = new DigestDesk(origin, ledger, outbox, nanos, this::later, () -> weekly);
        this.test = new TestNotice(origin, dispatcher, clock);
        this.persistence = new Persistence(ledger, outbox, toldLog, clock, nanos, this::later);
        this.refresher = new Refresher(ledger, desks, nanos, threads, this::later);
    }

    /**
     * Takes up what an earlier process left, and gives back the engine's part of it. Call once, before the first tick.
     * Where the database cannot be read, what the log beside it says is open is taken up all the same. What a receiver
     * holds open and the engine has no state of is among the states too.
     */
    public synchronized List<StoredState> restore() {
        Map<Target, ToldLog.Entry> logged = toldLog.load();
        Outbox.Stored stored;
        try {
            stored = outbox.load(toldLog::endpoint).join();
        } catch (CompletionException e) {
            log.error("Alert state cannot be read; going on with what the log beside the database says is open", e);
            stored = new Outbox.Stored(List.of(), List.of(), Orders.NONE);
        }
        operators.restore(stored.orders());
        Recovery recovery = Recovery.of(stored, logged);
        long now = nanos.getAsLong();
        recovery.known().forEach(conversation -> ledger.restore(conversation.afterRestart(), now));
        recovery.missedByDatabase().forEach(conversation -> ledger.put(conversation.afterRestart(), now));
        if (recovery.isDatabaseUpToDate()) {
            toldLog.keepOnly(ledger.conversations().values());
        }
        return Orphans.added(recovery.states(), ledger.conversations().values(), recovery.missedByDatabase());
    }

    /** Never blocks; ticks that come faster than they are worked off are merged. */
    @Override
    public void onTick(TickResult result) {
        inbox.add(result);
        thread.wake();
    }

    private void later(Runnable event) {
        events.add(event);
        thread.wake();
    }

    /** One step: everything that can be done now without waiting. Returns whether anything was. */
    public synchronized boolean doWork() {
        boolean worked = takeEvents();
        worked |= takeTick();
        worked |= dispatcher.markDue();
        worked |= persistence.write();
        worked |= dispatcher.send(persistence.isAway());
        worked |= refresher.send();
        ackPoller.ask();
        return worked;
    }

    private boolean takeEvents() {
        boolean worked = false;
        for (Runnable event = events.poll(); event != null; event = events.poll()) {
            event.run();
            worked = true;
        }
        return worked;
    }

    private boolean takeTick() {
        Optional<Inbox.Batch> batch = inbox.take();
        boolean attemptsEnded = dispatcher.takeDecideAgain() || refresher.takeMissedTick();
        boolean again = attemptsEnded || ordersChanged;
        ordersChanged = false;
        if (batch.isPresent()) {
            ledger.add(batch.get());
            view = batch.get().view();
            firstTickAt = firstTickAt == null ? view.at() : firstTickAt;
            if (desks.follow(view.plan(), nanos.getAsLong())) {
                dispatcher.settingsChanged();
            }
        }
        if (view == null || firstTickAt == null || (batch.isEmpty() && !again)) {
            return false;
        }
        decide(view, firstTickAt);
        return true;
    }

    private void decide(TickView now, Instant startedAt) {
        Set<Target> busy = new HashSet<>();
        for (Lane lane : ledger.lanes()) {
            if (lane.busy) {
                busy.add(lane.conversation.target());
                lane.missedTick = true;
                hearsItsEnd(lane, now);
            }
        }
        Decision decision =
                decider.decide(ledger.conversations(), now.with(operators.orders(), beats), busy, startedAt);
        operators.follow(now.alerts(), decision.mutedBy(), now.at());
        digests.step(now, startedAt);
        decision.dropped().forEach(ledger::drop);
        decision.changed().forEach(conversation -> {
            toldLog.decided(conversation);
            ledger.put(conversation, nanos.getAsLong());
        });
    }

    /** An end is told once: one that is not decided upon now must not be waited for. */
    private void hearsItsEnd(Lane lane, TickView now) {
        Conversation busy = lane.conversation;
        if (busy.held() && now.tellsTheEndOf(busy.target().group())) {
            ledger.put(busy.known(), nanos.getAsLong());
        }
    }

    /** Starts the thread that works. */
    public void start() {
        thread.start();
    }

    private synchronized long nanosUntilDue() {
        return dispatcher.nanosUntilDue();
    }

    /** Whether nothing is under way and nothing could be written or sent right now. */
    private synchronized boolean isQuiet() {
        boolean calling = ledger.lanes().stream().anyMatch(lane -> lane.busy);
        return events.isEmpty()
                && !calling
                && !ledger.isWriting()
                && (!ledger.hasChanges() || persistence.problem().isPresent());
    }

    /** Finishes the calls and the transaction under way, for at most {@code drain}; what stays owed is in the outbox. */
    public void stop(Duration drain) {
        if (!thread.stop(drain)) {
            return;
        }
        PipelineStats left = stats();
        if (left.outboxDepth() > 0) {
            log.info("{} notices stay in the outbox for the next start", left.outboxDepth());
        }
    }

    /** Any thread. */
    public synchronized PipelineStats stats() {
        Optional<Instant> oldest = ledger.working().stream()
                .flatMap(lane -> lane.conversation.owed().stream())
                .map(Owed::since)
                .min(Comparator.naturalOrder());
        return new PipelineStats(
                desks.all().stream().map(ReceiverDesk::stats).toList(),
                ledger.working().size(),
                oldest.map(since -> Duration.between(since, clock.instant())),
                persistence.failures(),
                persistence.problem(),
                toldLog.failure(),
                ledger.historyDropped() + inbox.dropped());
    }

    /** The newest attempts first, at most {@code limit}, 1 to 1,000. */
    public CompletableFuture<List<DeliveryRecord>> recentDeliveries(int limit) {
        return outbox.recentDeliveries(limit);
    }

    public CompletableFuture<List<PastAlert>> alertHistory(HistoryFilter filter) {
        return outbox.alertHistory(filter);
    }

    /**
     * From now on, or from {@code from} on, matching alerts open, raise and repeat nothing.
     *
     * @return completes when it is on record; it is in force at once
     * @throws IllegalStateException when there are too many
     */
    public CompletableFuture<Silence> silence(AlertMatch match, Instant from, Instant until, String by, String why) {
        synchronized (this) {
            String id = "s-" + Long.toHexString(clock.instant().toEpochMilli()) + "-"
                    + HexFormat.of().toHexDigits((short) random.nextInt());
            Silence silence = operators.silence(id, match, from, until, by, why, clock.instant());
            return ordered().thenApply(done -> silence);
        }
    }

    /** Ends a silence that an operator made. @return whether there was such a one, when its end is on record */
    public CompletableFuture<Boolean> expireSilence(String id) {
        synchronized (this) {
            return operators.expire(id) ? ordered().thenApply(done -> true) : CompletableFuture.completedFuture(false);
        }
    }

    /** Those that operators made, over ones of the last day among them; the rules file has more. */
    public synchronized List<Silence> silences() {
        return operators.silences(clock.instant());
    }

    /**
     * Somebody takes a pending or firing alert on: it is repeated and escalated no more, and receivers are told so.
     *
     * @return absent where no such alert runs; completes when it is on record
     */
    public CompletableFuture<Optional<Ack>> acknowledge(String alertId, String by) {
        synchronized (this) {
            Optional<Alert> alert = view == null
                    ? Optional.empty()
                    : view.alerts().stream()
                            .filter(each -> each.id().equals(alertId))
                            .findFirst();
            if (alert.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            Ack ack = operators.acknowledge(alert.get(), by, clock.instant());
            return ordered().thenApply(done -> Optional.of(ack));
        }
    }

    /** Somebody acknowledged it at a receiver: that counts for each alert the receiver knew of. */
    private void acknowledgedThere(Conversation asked, String by) {
        Set<String> ids = asked.told().stream()
                .flatMap(told -> told.situation().members().stream())
                .map(Situation.Member::id)
                .collect(Collectors.toSet());
        if (view != null) {
            view.alerts().stream()
                    .filter(alert -> ids.contains(alert.id()))
                    .forEach(alert -> operators.acknowledge(alert, by, clock.instant()));
            ordersChanged = true;
        }
    }

    /** Who took which running alert on, by the alert's id. */
    public synchronized Map<String, Ack> acks() {
        return operators.orders().acks();
    }

    /** Who knows what the weekly report takes from outside. */
    public void weeklyFrom(WeeklySources sources) {
        weekly = sources;
    }

    /** How the watchdog's heartbeats fare; any thread. */
    public synchronized void beats(Beats now) {
        ordersChanged |= !now.equals(beats);
        beats = now;
        thread.wake();
    }

    private CompletableFuture<Void> ordered() {
        CompletableFuture<Void> committed = persistence.nextCommit();
        ordersChanged = true;
        thread.wake();
        return committed;
    }

    /**
     * Tells a receiver of the running rules that this is a test, and takes it back at once. Nothing of it is stored and
     * nothing is tried again.
     */
    public CompletableFuture<Delivery> sendTest(String receiver) {
        Optional<ReceiverDesk> desk;
        synchronized (this) {
            desk = desks.current(receiver);
        }
        if (desk.isEmpty()) {
            return CompletableFuture.completedFuture(
                    new Rejected("no receiver \"" + receiver + "\" in the running rules"));
        }
        CompletableFuture<Delivery> result = new CompletableFuture<>();
        threads.run(receiver, () -> result.complete(test.openAndClose(desk.get(), receiver)));
        return result;
    }
}
