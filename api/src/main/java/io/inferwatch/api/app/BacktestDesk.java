package io.inferwatch.api.app;

import io.inferwatch.notifier.NotificationRehearsal;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.book.Backtest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Runs one backtest at a time, and knows how far it has come. Any thread. */
public final class BacktestDesk {
    /** A call that takes longer is cut off by many a client and relay. */
    private static final Duration ALLOWED = Duration.ofSeconds(50);

    private final Backtest backtest;
    private final NotificationRehearsal rehearsal;
    private final AtomicBoolean isTaken = new AtomicBoolean();
    private volatile @Nullable Progress progress;

    /** @param at the moment in the past it has come to */
    public record Progress(Instant from, Instant to, Instant at) {}

    BacktestDesk(Backtest backtest, NotificationRehearsal rehearsal) {
        this.backtest = backtest;
        this.rehearsal = rehearsal;
    }

    /** @return empty while another one runs */
    public Optional<BacktestReport> run(RuleSet rules, Instant from, Instant to) {
        if (!isTaken.compareAndSet(false, true)) {
            return Optional.empty();
        }
        try {
            BacktestReport report = new BacktestReport(rules, rehearsal);
            progress = new Progress(from, to, from);
            report.ended(backtest.run(rules, from, to, ALLOWED, report, at -> progress = new Progress(from, to, at)));
            return Optional.of(report);
        } finally {
            progress = null;
            isTaken.set(false);
        }
    }

    /**
     * Runs both sets over the same past, for half of the time allowed each.
     *
     * @return empty while another one runs
     */
    public Optional<ReplayDiff> compare(RuleSet now, RuleSet next, Instant from, Instant to) {
        if (!isTaken.compareAndSet(false, true)) {
            return Optional.empty();
        }
        try {
            Duration half = ALLOWED.dividedBy(2);
            progress = new Progress(from, to, from);
            ReplayCount then = new ReplayCount();
            Backtest.Run first = backtest.run(next, from, to, half, then, at -> progress = new Progress(from, to, at));
            if (first.complete()) {
                ReplayCount before = new ReplayCount();
                Backtest.Run second =
                        backtest.run(now, from, to, half, before, at -> progress = new Progress(from, to, at));
                if (second.complete()) {
                    return Optional.of(ReplayDiff.of(first, before, then, next));
                }
            }
            return Optional.of(new ReplayDiff(first.from(), first.to(), false, List.of()));
        } finally {
            progress = null;
            isTaken.set(false);
        }
    }

    /**
     * How often each rule of a set would have fired.
     *
     * @return empty while another one runs, or where it did not come to its end in the time allowed
     */
    Optional<ReplayCount> count(RuleSet rules, Instant from, Instant to) {
        if (!isTaken.compareAndSet(false, true)) {
            return Optional.empty();
        }
        try {
            progress = new Progress(from, to, from);
            ReplayCount count = new ReplayCount();
            Backtest.Run run =
                    backtest.run(rules, from, to, ALLOWED, count, at -> progress = new Progress(from, to, at));
            return run.complete() ? Optional.of(count) : Optional.empty();
        } finally {
            progress = null;
            isTaken.set(false);
        }
    }

    /** Of the one that runs now. */
    public Optional<Progress> progress() {
        return Optional.ofNullable(progress);
    }
}
