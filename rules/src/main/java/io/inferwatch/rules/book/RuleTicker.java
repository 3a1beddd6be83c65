package io.inferwatch.rules.book;

import io.inferwatch.histograms.MetricView;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The {@code tick} thread's work: at each multiple of the evaluation period one cut of the data, one evaluation, one
 * result handed on. {@link #doWork} is called by that thread alone, {@link #stats} by any.
 */
public final class RuleTicker {
    private final RuleEngine engine;
    private final RuleBook book;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Function<Instant, MetricView> cut;
    private final AlertListener listener;
    private @Nullable Instant lastTick;
    private volatile long lastTickNanos;
    private volatile Stats stats = new Stats(0, 0, 0, 0, 0);

    /**
     * A consistent set of the ticker's own numbers.
     *
     * @param skippedTicks that were due while another still ran, or while nothing ran
     * @param lastTickNanos how long the last one took, the listener included
     */
    public record Stats(long ticks, long skippedTicks, long lastTickNanos, long pending, long firing) {}

    /**
     * @param clock the journal's monotone wall clock
     * @param nanos a monotonic clock for durations
     * @param cut gives the view for a moment
     */
    public RuleTicker(
            RuleEngine engine,
            RuleBook book,
            InstantSource clock,
            LongSupplier nanos,
            Function<Instant, MetricView> cut,
            AlertListener listener) {
        this.engine = engine;
        this.book = book;
        this.clock = clock;
        this.nanos = nanos;
        this.cut = cut;
        this.listener = listener;
    }

    /** Ticks when one is due. @return whether one was */
    public boolean doWork() {
        Duration every = book.current().every();
        Instant aligned = aligned(clock.instant(), every);
        long began = nanos.getAsLong();
        Instant last = lastTick;
        boolean stoodStill = began - lastTickNanos >= every.toNanos() * 3 / 2;
        if (last != null && !aligned.isAfter(last) && !stoodStill) {
            return false;
        }
        Instant t = last == null || aligned.isAfter(last) ? aligned : last;
        engine.use(book.current());
        TickResult result = engine.tick(t, cut.apply(t));
        listener.onTick(result);
        count(result, last == null ? 0 : Duration.between(last, t).dividedBy(every) - 1, began);
        lastTick = t;
        lastTickNanos = began;
        return true;
    }

    private void count(TickResult result, long skipped, long began) {
        long firing = result.alerts().stream()
                .filter(alert -> alert.state() instanceof AlertState.Firing)
                .count();
        stats = new Stats(
                stats.ticks() + 1,
                stats.skippedTicks() + Math.max(0, skipped),
                nanos.getAsLong() - began,
                result.alerts().size() - firing,
                firing);
    }

    /** How long until a tick is due; zero when one is. */
    public Duration untilNext() {
        Instant now = clock.instant();
        Duration every = book.current().every();
        Instant aligned = aligned(now, every);
        boolean isDue = lastTick == null || aligned.isAfter(lastTick);
        return isDue ? Duration.ZERO : Duration.between(now, aligned.plus(every));
    }

    /** The last multiple of the period, in UTC. */
    static Instant aligned(Instant now, Duration every) {
        long period = every.toMillis();
        return Instant.ofEpochMilli(Math.floorDiv(now.toEpochMilli(), period) * period);
    }

    /** How long ago the last tick began; for long where there was none. Any thread. */
    public Duration sinceLastTick() {
        return stats.ticks() == 0
                ? Duration.ofNanos(Long.MAX_VALUE)
                : Duration.ofNanos(nanos.getAsLong() - lastTickNanos);
    }

    public Stats stats() {
        return stats;
    }
}
