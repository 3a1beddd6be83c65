package io.inferwatch.collector.journal;

import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Watches the free space of the journal's disk: below the mark appends stop, and they begin again at one and a half
 * times the mark. A mapped file that meets a full disk can end the process. Used under the journal's append lock.
 */
final class DiskGuard {
    private static final long LOOK_EVERY_NANOS = 100_000_000;
    private static final long MEBIBYTE = 1 << 20;

    private final LongSupplier freeBytes;
    private final LongSupplier nanos;
    private final long minFreeBytes;
    private long lookedNanos;
    private Optional<String> shortage = Optional.empty();

    DiskGuard(LongSupplier freeBytes, LongSupplier nanos, long minFreeBytes) {
        this.freeBytes = freeBytes;
        this.nanos = nanos;
        this.minFreeBytes = minFreeBytes;
        look(nanos.getAsLong());
    }

    /** Why nothing may be written now; empty when something may. */
    Optional<String> shortage() {
        long nowNanos = nanos.getAsLong();
        if (nowNanos - lookedNanos >= LOOK_EVERY_NANOS) {
            look(nowNanos);
        }
        return shortage;
    }

    /** Left on the disk now. Any thread. */
    long freeBytes() {
        return freeBytes.getAsLong();
    }

    private void look(long nowNanos) {
        lookedNanos = nowNanos;
        long free = freeBytes.getAsLong();
        long needed = shortage.isPresent() ? minFreeBytes + minFreeBytes / 2 : minFreeBytes;
        shortage = free >= needed
                ? Optional.empty()
                : Optional.of("disk: " + free / MEBIBYTE + " MiB free, " + needed / MEBIBYTE + " MiB needed");
    }
}
