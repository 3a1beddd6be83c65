package io.inferwatch.rules;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * When a receiver is told all at once, instead of each alert by itself.
 *
 * @param at by the wall clock; where the clock passes over it, the moment it is set forward to
 * @param weeklyReport the day on which the alert-quality report of the week comes with it; absent: never
 */
public record DigestTimes(LocalTime at, Set<DayOfWeek> days, ZoneId zone, Optional<DayOfWeek> weeklyReport) {
    private static final int DAYS_A_WEEK = 7;

    public DigestTimes {
        days = Set.copyOf(days);
    }

    /** The last time a digest was due, now included; absent where it is due on no day. */
    public Optional<Instant> lastDue(Instant now) {
        return lastDue(now, days);
    }

    /** The last time a weekly report was due; absent where none is wanted. */
    public Optional<Instant> lastReportDue(Instant now) {
        return weeklyReport.flatMap(day -> lastDue(now, Set.of(day)));
    }

    private Optional<Instant> lastDue(Instant now, Set<DayOfWeek> on) {
        LocalDate today = now.atZone(zone).toLocalDate();
        for (int back = 0; back <= DAYS_A_WEEK; back++) {
            LocalDate day = today.minusDays(back);
            Instant due = day.atTime(at).atZone(zone).toInstant();
            if (on.contains(day.getDayOfWeek()) && !due.isAfter(now)) {
                return Optional.of(due);
            }
        }
        return Optional.empty();
    }
}
