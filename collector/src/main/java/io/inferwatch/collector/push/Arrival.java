package io.inferwatch.collector.push;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalLong;

/**
 * When a body came, and which times its records may therefore have.
 *
 * @param epochMillis by the journal's clock
 * @param mostLate how old an event may be
 */
record Arrival(long epochMillis, Duration mostLate) {
    /** A sender's clock may be this far ahead of ours. */
    private static final long MOST_AHEAD_MILLIS = 60_000;

    /**
     * Where the event is placed by its own time; empty when at its arrival, being ahead of it.
     *
     * @throws RefusedRecordException when it is too old or too far ahead
     */
    OptionalLong placed(long ownEpochMillis, BodyTally tally) throws RefusedRecordException {
        long aheadMillis = ownEpochMillis - epochMillis;
        if (aheadMillis > MOST_AHEAD_MILLIS) {
            throw new RefusedRecordException(
                    Rejection.TOO_FAR_AHEAD,
                    "time",
                    "time is " + told(ownEpochMillis) + ", more than 60 s ahead of " + told(epochMillis)
                            + "; set the sender's clock right");
        }
        if (-aheadMillis > mostLate.toMillis()) {
            throw new RefusedRecordException(
                    Rejection.TOO_OLD,
                    "time",
                    "time is " + told(ownEpochMillis) + ", more than " + mostLate.toSeconds() + " s before "
                            + told(epochMillis) + "; send it sooner, in epoch milliseconds, or with backfill=true");
        }
        if (aheadMillis > 0) {
            tally.countSkewed();
            return OptionalLong.empty();
        }
        return OptionalLong.of(ownEpochMillis);
    }

    private static String told(long epochMillis) {
        return Instant.ofEpochMilli(epochMillis).toString();
    }
}
