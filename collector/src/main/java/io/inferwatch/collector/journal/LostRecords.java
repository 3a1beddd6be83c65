package io.inferwatch.collector.journal;

import java.util.HashSet;
import java.util.Set;

/** Counts each gap in the sequence once, however many readers come past it. Any thread. */
final class LostRecords {
    /** Gaps remembered; past that a gap that is read twice is counted twice. */
    private static final int MAX_GAPS = 65_536;

    private final Set<Long> gapStarts = new HashSet<>();
    private long records;

    synchronized void count(long firstSequence, long lastSequence) {
        boolean isNew = gapStarts.size() < MAX_GAPS ? gapStarts.add(firstSequence) : !gapStarts.contains(firstSequence);
        if (isNew) {
            records += lastSequence - firstSequence + 1;
        }
    }

    synchronized long records() {
        return records;
    }
}
