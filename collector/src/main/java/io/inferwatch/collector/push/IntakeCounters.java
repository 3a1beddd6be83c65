package io.inferwatch.collector.push;

import java.util.EnumMap;
import java.util.Map;

/** The numbers of an intake. A body's are added all at once, when its fate is known. Any thread. */
final class IntakeCounters {
    private final Map<Rejection, Long> rejected = new EnumMap<>(Rejection.class);
    private long accepted;
    private long duplicates;
    private long warnings;
    private long skewed;
    private long bodiesRefused;

    synchronized void add(BodyTally tally, long newAccepted, long newDuplicates) {
        accepted += newAccepted;
        duplicates += newDuplicates;
        warnings += tally.warnings();
        skewed += tally.skewed();
        tally.rejectedByReason().forEach((reason, count) -> rejected.merge(reason, count, Long::sum));
    }

    synchronized void bodyRefused() {
        bodiesRefused++;
    }

    synchronized IntakeStats stats() {
        long late = rejected.getOrDefault(Rejection.TOO_OLD, 0L);
        return new IntakeStats(accepted, duplicates, rejected, warnings, late, skewed, bodiesRefused);
    }
}
