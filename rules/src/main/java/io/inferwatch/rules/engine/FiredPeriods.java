package io.inferwatch.rules.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** When an instance fired: what it measured then says nothing about what is normal. Used by the engine's thread alone. */
final class FiredPeriods {
    private static final int MOST = 200;

    private final List<Period> periods = new ArrayList<>();

    /**
     * @param to absent while it fires
     * @param accepted whether somebody said that this is how things are now
     */
    record Period(Instant from, @Nullable Instant to, boolean accepted) {}

    /** Counts what changed, so that what was made of it can be kept while it did not. */
    private int version;

    /** @param since when the condition began to hold that fires now; absent: nothing fires */
    void update(@Nullable Instant since, Instant t, Duration reach) {
        Period last = periods.isEmpty() ? null : periods.getLast();
        boolean isOpen = last != null && last.to == null;
        if (since != null && !isOpen) {
            add(new Period(since, null, false));
        } else if (since == null && last != null && isOpen) {
            periods.set(periods.size() - 1, new Period(last.from, t, last.accepted));
            version++;
        }
        Instant oldest = t.minus(reach);
        if (periods.removeIf(period -> period.to != null && period.to.isBefore(oldest))) {
            version++;
        }
    }

    void add(Period period) {
        if (periods.size() == MOST) {
            periods.removeFirst();
        }
        periods.add(period);
        version++;
    }

    /** The alert that runs is how things are from now on. */
    void accept() {
        periods.replaceAll(period -> period.to == null ? new Period(period.from, null, true) : period);
        version++;
    }

    /** Whether a period meets this stretch of time and is not so long that it has become what is normal. */
    boolean cover(long fromMillis, long toMillis, Instant t, Duration longest) {
        for (Period period : periods) {
            Instant end = period.to == null ? t : period.to;
            if (!period.accepted
                    && period.from.toEpochMilli() < toMillis
                    && end.toEpochMilli() > fromMillis
                    && end.toEpochMilli() - period.from.toEpochMilli() < longest.toMillis()) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return periods.isEmpty();
    }

    List<Period> all() {
        return periods;
    }

    int version() {
        return version;
    }

    void copy(FiredPeriods other) {
        periods.clear();
        periods.addAll(other.periods);
        version++;
    }
}
