package io.inferwatch.notifier;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.channel.Notification.Report;
import io.inferwatch.notifier.channel.Situation;
import io.inferwatch.notifier.channel.Situation.Member;
import io.inferwatch.notifier.conversation.Conversation;
import io.inferwatch.notifier.conversation.Digests;
import io.inferwatch.notifier.conversation.Origin;
import io.inferwatch.notifier.conversation.Target;
import io.inferwatch.notifier.conversation.TickView;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.Tier;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Digests and weekly reports: when they are due, what they are made of is read from the database, and the text is owed
 * like any other notice. Belongs to the pipeline's thread.
 */
final class DigestDesk {
    private static final Logger log = LoggerFactory.getLogger(DigestDesk.class);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration READS_AGAIN = Duration.ofMinutes(1);

    private final Origin origin;
    private final Ledger ledger;
    private final Outbox outbox;
    private final LongSupplier nanos;
    private final Consumer<Runnable> pipeline;
    private final Supplier<WeeklySources> weekly;
    private final Set<Target> reading = new HashSet<>();
    private final Map<Target, Long> notBeforeNanos = new HashMap<>();

    /**
     * @param pipeline runs something on the pipeline's thread
     * @param weekly what the weekly report says beyond the alerts
     */
    DigestDesk(
            Origin origin,
            Ledger ledger,
            Outbox outbox,
            LongSupplier nanos,
            Consumer<Runnable> pipeline,
            Supplier<WeeklySources> weekly) {
        this.origin = origin;
        this.ledger = ledger;
        this.outbox = outbox;
        this.nanos = nanos;
        this.pipeline = pipeline;
        this.weekly = weekly;
    }

    /** @param startedAt the first tick: what was due before it and is not on record was told by nobody we know */
    void step(TickView view, Instant startedAt) {
        for (Receiver receiver : view.plan().receivers().values()) {
            receiver.digest().ifPresent(times -> {
                step(Digests.digest(receiver.name()), times.lastDue(view.at()), view, startedAt, DAY);
                step(Digests.weeklyReport(receiver.name()), times.lastReportDue(view.at()), view, startedAt, WEEK);
            });
        }
    }

    private void step(Target target, Optional<Instant> due, TickView view, Instant startedAt, Duration reach) {
        Conversation before = ledger.conversations().getOrDefault(target, Conversation.start(target));
        Instant last = before.lastNoticeAt().orElse(startedAt);
        boolean waits = before.owed().isPresent()
                || reading.contains(target)
                || nanos.getAsLong() - notBeforeNanos.getOrDefault(target, nanos.getAsLong()) < 0;
        if (due.isEmpty() || !due.get().isAfter(last) || waits) {
            return;
        }
        Instant from = before.lastNoticeAt()
                .filter(told -> reach.equals(DAY) && told.isAfter(view.at().minus(WEEK)))
                .orElse(view.at().minus(reach));
        reading.add(target);
        boolean weekly = reach.equals(WEEK);
        CompletableFuture<List<String>> lines = weekly ? weekly(from) : digest(target, view, from);
        var unused = lines.whenComplete(
                (text, failure) -> pipeline.accept(() -> read(target, view.at(), weekly, text, failure)));
    }

    private CompletableFuture<List<String>> digest(Target target, TickView view, Instant from) {
        return outbox.alertHistory(since(from))
                .thenApply(past -> DigestText.lines(past, view, origin, target.receiver(), from));
    }

    private CompletableFuture<List<String>> weekly(Instant from) {
        CompletableFuture<List<PastAlert>> history = outbox.alertHistory(since(from));
        CompletableFuture<Map<String, String>> advice =
                history.thenCompose(past -> weekly.get().advice(WeeklyText.noisy(past, from)));
        return history.thenCombine(outbox.delivered(from), (past, delivered) -> Map.entry(past, delivered))
                .thenCombine(
                        advice,
                        (told, tried) -> WeeklyText.lines(
                                told.getKey(), told.getValue(), weekly.get().neverMatched(), tried, from));
    }

    private static HistoryFilter since(Instant from) {
        return new HistoryFilter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(from),
                Optional.empty(),
                HistoryFilter.MAX_LIMIT);
    }

    private void read(Target target, Instant at, boolean weekly, List<String> lines, Throwable failure) {
        reading.remove(target);
        long now = nanos.getAsLong();
        if (failure != null) {
            log.warn("The digest for {} waits: its alerts cannot be read", target.receiver(), failure);
            notBeforeNanos.put(target, now + READS_AGAIN.toNanos());
            return;
        }
        Conversation before = ledger.conversations().getOrDefault(target, Conversation.start(target));
        String key = target.group().dedupKey(origin.hostId(), "");
        ledger.put(
                lines.isEmpty()
                        ? before.toldNothing(at)
                        : before.owing(new Report(situation(target, at, weekly), lines), key, at),
                now);
    }

    private Situation situation(Target target, Instant at, boolean weekly) {
        String title = (weekly ? "Alert quality of the week on " : "Alerts of the last while on ") + origin.hostId();
        Member member = new Member(target.group().rule(), LabelSet.EMPTY, Tier.P3, "", title, List.of());
        return new Situation(
                origin.hostId(),
                target.group().rule(),
                Tier.P3,
                target.group().labels(),
                LabelSet.of("host", origin.hostId()).plus(origin.labels()),
                title,
                "",
                Optional.empty(),
                at,
                false,
                List.of(member),
                1,
                member.id(),
                "",
                "");
    }
}
