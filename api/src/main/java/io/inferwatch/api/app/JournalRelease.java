package io.inferwatch.api.app;

import io.inferwatch.collector.Journal;
import io.inferwatch.histograms.WindowStore;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/**
 * Lets the journal go of what no start needs any more: what lies below the durable checkpoint and is old enough that
 * neither panes nor request ids are rebuilt from it. Under pressure only panes count, and ids are forgotten early.
 */
final class JournalRelease {
    private static final Duration EVERY = Duration.ofSeconds(5);
    /** Finding the oldest record that is still needed reads through a segment: without pressure not each time. */
    private static final int LOOKS_PER_RELEASE = 6;

    private static final long PANES_MILLIS = Duration.ofMinutes(2).toMillis();
    private static final long IDS_MILLIS = Duration.ofMinutes(10).toMillis();

    private final Journal journal;
    private final WindowStore windows;
    private final long maxBytes;
    private final BooleanSupplier isHeld;
    private int looks;

    /** @param isHeld whether a copy is being taken, which needs what its database lacks */
    JournalRelease(Journal journal, WindowStore windows, long maxBytes, BooleanSupplier isHeld) {
        this.isHeld = isHeld;
        this.journal = journal;
        this.windows = windows;
        this.maxBytes = maxBytes;
    }

    Duration step() {
        if (isHeld.getAsBoolean()) {
            return EVERY;
        }
        boolean isTight = journal.stats().bytesOnDisk() > maxBytes / 2;
        if (!isTight && ++looks % LOOKS_PER_RELEASE != 0) {
            return EVERY;
        }
        long keptMillis = isTight ? PANES_MILLIS : IDS_MILLIS;
        long rebuiltFrom = journal.firstSequenceReceivedSince(journal.lastReceivedEpochMillis() - keptMillis);
        journal.releaseBelow(Math.min(windows.durableCheckpoint(), rebuiltFrom));
        return EVERY;
    }
}
