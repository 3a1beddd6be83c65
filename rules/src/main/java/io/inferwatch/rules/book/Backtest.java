package io.inferwatch.rules.book;

import io.inferwatch.histograms.PastWindows;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.engine.DeployMarks;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Runs rules over the stored past, through the engine that runs them live: tick by tick, as finely as windows are kept,
 * but no finer than 10 s. Nothing is sent and nothing is stored. Not the tick thread; a run may take minutes.
 */
public final class Backtest {
    /** About two months of full minutes, or ten days of 10 s. */
    private static final long MOST_TICKS = 90_000;

    private final Queries queries;
    private final ExpectedInstances expected;
    private final DeployMarks deploys;
    private final LongSupplier nanos;

    /**
     * How far a run came.
     *
     * @param from the first tick: what was asked for, or the oldest moment of which anything is kept
     * @param to the last tick
     * @param complete whether that is all that was asked for; else the time allowed was over
     * @param skippedTicks in which nothing shows that the sidecar was running
     */
    public record Run(Instant from, Instant to, boolean complete, long ticks, long skippedTicks) {}

    /** Hears what a run brings, on the thread that runs it. */
    public interface Listener extends AlertListener {
        /**
         * A rule could not be judged for a while: the windows kept are wider than what it looks at.
         *
         * @param length how long until the next tick
         */
        void onUnknown(Rule rule, Instant at, Duration length);
    }

    /** @param nanos a monotonic clock, to keep to the time allowed */
    public Backtest(Queries queries, ExpectedInstances expected, DeployMarks deploys, LongSupplier nanos) {
        this.queries = queries;
        this.expected = expected;
        this.deploys = deploys;
        this.nanos = nanos;
    }

    /**
     * @param allowed ends the run where it has not come to its end by then
     * @param progress is told the moment it has come to, at each tick
     * @throws io.inferwatch.histograms.UnfitQueryException when the rules read more than there is memory for
     */
    public Run run(
            RuleSet rules, Instant from, Instant to, Duration allowed, Listener listener, Consumer<Instant> progress) {
        long began = nanos.getAsLong();
        PastWindows past = queries.past(questions(rules), from);
        Instant first = from.isBefore(past.oldest()) ? past.oldest() : from;
        Duration period = period(rules, past, first);
        Instant t = aligned(first, period);
        Instant start = t;
        RuleEngine engine = new RuleEngine(withPeriod(rules, period), expected, deploys);
        new PastReader(engine, queries).doWork(t);
        long ticks = 0;
        long skipped = 0;
        Instant last = t;
        while (!t.isAfter(to) && ticks + skipped < MOST_TICKS && nanos.getAsLong() - began < allowed.toNanos()) {
            PastWindows.Moment moment = past.at(t);
            if (moment.wasRunning()) {
                TickResult result = engine.tick(t, moment);
                listener.onTick(result);
                unknown(rules, moment, t, period, listener);
                ticks++;
            } else {
                skipped++;
            }
            progress.accept(t);
            last = t;
            Duration next = period(rules, past, t);
            if (!next.equals(period)) {
                period = next;
                engine.use(withPeriod(rules, period));
            }
            t = aligned(t.plusMillis(1), period);
        }
        return new Run(start, last, t.isAfter(to), ticks, skipped);
    }

    /** Those of every period that a width of windows may bring. */
    private static List<SignalQuery> questions(RuleSet rules) {
        return Stream.of(Resolution.values())
                .map(width ->
                        Duration.ofMillis(Math.max(width.millis(), rules.every().toMillis())))
                .flatMap(period -> withPeriod(rules, period).queries().stream())
                .distinct()
                .toList();
    }

    /** A multiple of the width of the windows, so that what falls into each is known at a tick. */
    private static Duration period(RuleSet rules, PastWindows past, Instant t) {
        long width = past.widthAt(t).toMillis();
        return Duration.ofMillis(Math.ceilDiv(rules.every().toMillis(), width) * width);
    }

    private static Instant aligned(Instant t, Duration period) {
        long millis = period.toMillis();
        return Instant.ofEpochMilli(Math.ceilDiv(t.toEpochMilli(), millis) * millis);
    }

    private static RuleSet withPeriod(RuleSet rules, Duration period) {
        return new RuleSet(period, rules.signals(), rules.rules(), rules.plan(), List.of());
    }

    private static void unknown(
            RuleSet rules, PastWindows.Moment moment, Instant t, Duration period, Listener listener) {
        for (Rule rule : rules.rules()) {
            Set<Signal> signals = new LinkedHashSet<>();
            rule.conditions().flatMap(Condition::signals).forEach(signals::add);
            boolean isUnknown = signals.stream().flatMap(Signal::queries).anyMatch(moment::isTooCoarse);
            if (isUnknown) {
                listener.onUnknown(rule, t, period);
            }
        }
    }
}
