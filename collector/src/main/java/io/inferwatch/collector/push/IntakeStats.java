package io.inferwatch.collector.push;

import java.util.Map;

/**
 * What an intake has counted since its start.
 *
 * @param rejected by reason; a reason that never occurred is left out
 * @param late of those rejected, the ones that were too old
 * @param skewed dated ahead of their arrival and placed at it
 * @param bodiesRefused bodies refused as a whole; their records are in no other number
 */
public record IntakeStats(
        long accepted,
        long duplicates,
        Map<Rejection, Long> rejected,
        long warnings,
        long late,
        long skewed,
        long bodiesRefused) {
    public IntakeStats {
        rejected = Map.copyOf(rejected);
    }
}
