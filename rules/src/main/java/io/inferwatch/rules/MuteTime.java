package io.inferwatch.rules;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Set;

/** A named set of times by the wall clock of a place; it holds in each of its intervals. */
public record MuteTime(String name, List<Interval> intervals) {
    public MuteTime {
        intervals = List.copyOf(intervals);
    }

    public boolean contains(Instant at) {
        return intervals.stream().anyMatch(interval -> interval.contains(at));
    }

    /**
     * From a time of day to another, on some days. It follows the wall clock: where the clock goes forward over its end,
     * it ends then; an hour that comes twice counts twice.
     *
     * @param days on which it begins
     * @param to exclusive; at or before {@code from} it lies on the next day
     */
    public record Interval(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
        public Interval {
            days = Set.copyOf(days);
        }

        boolean contains(Instant at) {
            ZonedDateTime local = at.atZone(zone);
            LocalTime time = local.toLocalTime();
            if (from.isBefore(to)) {
                return days.contains(local.getDayOfWeek()) && !time.isBefore(from) && time.isBefore(to);
            }
            boolean begunToday = days.contains(local.getDayOfWeek()) && !time.isBefore(from);
            boolean begunYesterday = days.contains(local.getDayOfWeek().minus(1)) && time.isBefore(to);
            return begunToday || begunYesterday;
        }
    }
}
