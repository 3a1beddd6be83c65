package io.inferwatch.api.app;

import io.inferwatch.notifier.NotificationRehearsal;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertListener;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.book.Backtest;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a backtest brought, by rule and week. One thread until it is handed over. */
public final class BacktestReport implements Backtest.Listener {
    /** More than a person reads; further ones are only counted. */
    private static final int MOST_ALERTS = 500;

    private final AlertListener notices;
    private final Map<String, OfRule> rules = new LinkedHashMap<>();
    private final Map<AlertKey, Integer> open = new HashMap<>();
    private final List<Past> alerts = new ArrayList<>();
    private long alertsLeftOut;
    private Backtest.@Nullable Run run;

    /**
     * One rule.
     *
     * @param weeks by their Monday, in UTC
     * @param unknown for how long the windows kept were too wide to judge it
     */
    public record OfRule(Map<LocalDate, Week> weeks, Duration unknown) {}

    /** @param opened by the tier it opened at */
    public record Week(
            Map<Tier, Integer> opened, int tierChanges, int closed, Map<String, Map<String, Integer>> notifications) {
        Week() {
            this(new TreeMap<>(), 0, 0, new TreeMap<>());
        }

        Week withChange() {
            return new Week(opened, tierChanges + 1, closed, notifications);
        }

        Week withClose() {
            return new Week(opened, tierChanges, closed + 1, notifications);
        }
    }

    /**
     * One alert.
     *
     * @param tier the most urgent it had
     * @param closedAt absent: it was still open at the end
     */
    public record Past(AlertKey key, Tier tier, Instant openedAt, Optional<Instant> closedAt, String summary) {}

    BacktestReport(RuleSet set, NotificationRehearsal rehearsal) {
        set.rules().forEach(rule -> rules.put(rule.name(), new OfRule(new TreeMap<>(), Duration.ZERO)));
        this.notices = rehearsal.start((rule, receiver, words, at) -> {
            String kind = words.substring(words.lastIndexOf(' ') + 1);
            week(rule, at)
                    .notifications()
                    .computeIfAbsent(receiver, made -> new TreeMap<>())
                    .merge(kind, 1, Integer::sum);
        });
    }

    @Override
    public void onTick(TickResult result) {
        result.transitions().forEach(this::note);
        notices.onTick(result);
    }

    private void note(AlertTransition transition) {
        String rule = transition.alert().key().rule();
        switch (transition) {
            case AlertTransition.Opened opened -> {
                week(rule, opened.at()).opened().merge(tierOf(opened.alert()), 1, Integer::sum);
                keep(opened);
            }
            case AlertTransition.TierChanged changed -> {
                change(rule, changed.at(), Week::withChange);
                update(changed.alert(), Optional.empty());
            }
            case AlertTransition.Closed closed -> {
                change(rule, closed.at(), Week::withClose);
                update(closed.alert(), Optional.of(closed.at()));
                open.remove(closed.alert().key());
            }
        }
    }

    private void keep(AlertTransition.Opened opened) {
        if (alerts.size() >= MOST_ALERTS) {
            alertsLeftOut++;
            return;
        }
        Alert alert = opened.alert();
        open.put(alert.key(), alerts.size());
        alerts.add(new Past(alert.key(), tierOf(alert), opened.at(), Optional.empty(), alert.summary()));
    }

    private void update(Alert alert, Optional<Instant> closedAt) {
        Integer at = open.get(alert.key());
        if (at != null) {
            Past before = alerts.get(at);
            Tier now = tierOf(alert);
            Tier highest = now.isMoreUrgentThan(before.tier()) ? now : before.tier();
            alerts.set(at, new Past(before.key(), highest, before.openedAt(), closedAt, before.summary()));
        }
    }

    private static Tier tierOf(Alert alert) {
        return switch (alert.state()) {
            case AlertState.Ok ok -> Tier.P3;
            case AlertState.Pending pending -> pending.tier();
            case AlertState.Firing firing -> firing.tier();
        };
    }

    private OfRule rule(String name) {
        return rules.computeIfAbsent(name, made -> new OfRule(new TreeMap<>(), Duration.ZERO));
    }

    private Week week(String rule, Instant at) {
        return rule(rule).weeks().computeIfAbsent(monday(at), made -> new Week());
    }

    private void change(String rule, Instant at, java.util.function.UnaryOperator<Week> how) {
        rule(rule).weeks().put(monday(at), how.apply(week(rule, at)));
    }

    private static LocalDate monday(Instant at) {
        return LocalDate.ofInstant(at, ZoneOffset.UTC).with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    @Override
    public void onUnknown(Rule rule, Instant at, Duration length) {
        OfRule of = rule(rule.name());
        rules.put(rule.name(), new OfRule(of.weeks(), of.unknown().plus(length)));
    }

    void ended(Backtest.Run how) {
        run = how;
    }

    /** By name, in the order in which the rules are judged; the engine's own alerts only where there were any. */
    public Map<String, OfRule> rules() {
        return rules;
    }

    /** The first ones, in the order in which they opened. */
    public List<Past> alerts() {
        return alerts;
    }

    public long alertsLeftOut() {
        return alertsLeftOut;
    }

    public Backtest.Run run() {
        Backtest.Run ended = run;
        if (ended == null) {
            throw new IllegalStateException("the backtest has not ended");
        }
        return ended;
    }
}
