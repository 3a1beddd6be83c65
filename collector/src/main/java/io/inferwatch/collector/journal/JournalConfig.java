package io.inferwatch.collector.journal;

import java.time.Duration;

/**
 * How the journal keeps its records.
 *
 * @param ack when an append is acknowledged
 * @param syncEvery the longest time that acknowledged records wait for the disk; 1 ms to 10 s
 * @param maxBytes past this size appends are refused until files are released; at least 16 MiB
 * @param minFreeBytes with less than this left on the disk appends are refused, so that a mapped file never meets a
 *     full disk; taken up again at one and a half times as much; not negative
 */
public record JournalConfig(Ack ack, Duration syncEvery, long maxBytes, long minFreeBytes) {
    /** When an append is acknowledged. */
    public enum Ack {
        /** In the page cache: survives the process, not the machine. */
        PROCESS,
        /** On disk. */
        STRICT
    }

    private static final long LEAST_MAX_BYTES = 16 << 20;
    private static final Duration SHORTEST_SYNC = Duration.ofMillis(1);
    private static final Duration LONGEST_SYNC = Duration.ofSeconds(10);

    public static final JournalConfig DEFAULT =
            new JournalConfig(Ack.PROCESS, Duration.ofMillis(100), 2L << 30, 256L << 20);

    public JournalConfig {
        if (syncEvery.compareTo(SHORTEST_SYNC) < 0 || syncEvery.compareTo(LONGEST_SYNC) > 0) {
            throw new IllegalArgumentException(
                    "journal.sync_every: " + syncEvery.toMillis() + "ms is not between 1ms and 10s");
        }
        if (maxBytes < LEAST_MAX_BYTES) {
            throw new IllegalArgumentException("journal.max_bytes: " + maxBytes + " bytes is less than 16MiB");
        }
        if (minFreeBytes < 0) {
            throw new IllegalArgumentException("journal.min_free_bytes: " + minFreeBytes + " is negative");
        }
    }

    public boolean isStrict() {
        return ack == Ack.STRICT;
    }
}
