package io.inferwatch.histograms;

/**
 * A consistent set of the store's own numbers. Counts are since the start of the process.
 *
 * @param observations samples taken into windows
 * @param refusedObservations samples of an impossible weight, or negative on a metric without a sign
 * @param clampedObservations samples past what their unit counts, counted at its end
 * @param overflowObservations samples that went into an overflow series
 * @param lostRecords acknowledged records the journal could not read back
 * @param liveSeries series that hold a slot now
 * @param openWindows windows that are still being written
 * @param waitingWindows closed windows that are not in the database yet
 * @param earlyCloses how often open windows were handed over early to stay within {@code histograms.max_bytes}
 * @param droppedPanes 1 s panes given up to stay within {@code histograms.max_bytes}
 * @param droppedRuleData pieces of data no tick came to fetch; what rules read is then taken from the database again
 * @param bytes what all windows take in memory, about
 * @param writtenRows rows the database took
 * @param failedWrites batches it refused; each is tried again
 * @param lastSequence the last record applied; 0 before the first
 * @param lastReceivedEpochMillis when that record was received; 0 before the first
 */
public record TelemetryStoreStats(
        long observations,
        long refusedObservations,
        long clampedObservations,
        long overflowObservations,
        long lostRecords,
        int liveSeries,
        int openWindows,
        int waitingWindows,
        long earlyCloses,
        long droppedPanes,
        long droppedRuleData,
        long bytes,
        long writtenRows,
        long failedWrites,
        long lastSequence,
        long lastReceivedEpochMillis) {}
