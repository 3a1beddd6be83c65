package io.inferwatch.collector.journal;

import java.util.Map;
import java.util.TreeMap;

/** Counts each lost number once, however many readers come past the gap. Any thread. */
final class LostRecords {
    /** Gaps remembered; past that the oldest is forgotten, and counted again by a reader that returns to it. */
    private static final int MAX_GAPS = 65_536;

    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>();
    private long records;

    synchronized void count(long firstSequence, long lastSequence) {
        long first = firstSequence;
        long last = lastSequence;
        Map.Entry<Long, Long> known = lastByFirst.floorEntry(lastSequence);
        records += lastSequence - firstSequence + 1;
        while (known != null && known.getValue() >= firstSequence) {
            records -= Math.min(known.getValue(), lastSequence) - Math.max(known.getKey(), firstSequence) + 1;
            first = Math.min(first, known.getKey());
            last = Math.max(last, known.getValue());
            lastByFirst.remove(known.getKey());
            known = lastByFirst.floorEntry(lastSequence);
        }
        lastByFirst.put(first, last);
        if (lastByFirst.size() > MAX_GAPS) {
            lastByFirst.pollFirstEntry();
        }
    }

    synchronized long records() {
        return records;
    }
}
