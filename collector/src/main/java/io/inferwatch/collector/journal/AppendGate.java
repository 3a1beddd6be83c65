package io.inferwatch.collector.journal;

import io.inferwatch.collector.Journal.Appended;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether anything may be appended now: whether the disk has room, and whether what failed last is to be tried again.
 * Changed under the journal's append lock; {@link #reason} and {@link #freeBytes} are for any thread.
 */
final class AppendGate {
    /** When whoever was refused for a failure may come again. */
    static final Duration FAILURE_RETRY = Duration.ofSeconds(1);

    private static final Logger LOG = LoggerFactory.getLogger(ChronicleJournal.class);
    private static final Duration DISK_RETRY = Duration.ofSeconds(5);

    private final DiskGuard disk;
    private final LongSupplier nanos;
    private long retryAtNanos;
    private volatile String failure = "";
    private volatile String shortage = "";

    AppendGate(DiskGuard disk, LongSupplier nanos) {
        this.disk = disk;
        this.nanos = nanos;
    }

    /** Looks at the free space. */
    void look() {
        shortage = disk.shortage().orElse("");
    }

    /** As of the last look. */
    boolean isShort() {
        return !shortage.isEmpty();
    }

    /** The refusal while the disk is short of space, as of the last look. */
    Optional<Appended> shortOfSpace() {
        return isShort() ? Optional.of(new Appended.Failed(shortage, DISK_RETRY)) : Optional.empty();
    }

    /** The refusal in the second after a failure. */
    Optional<Appended> justFailed() {
        long waitNanos = retryAtNanos - nanos.getAsLong();
        return hasFailed() && waitNanos > 0
                ? Optional.of(new Appended.Failed(failure, Duration.ofNanos(waitNanos)))
                : Optional.empty();
    }

    /** Whether the last try failed. */
    boolean hasFailed() {
        return !failure.isEmpty();
    }

    Appended.Failed failed(String reason, Throwable cause) {
        LOG.error("{}; appends are refused and tried again in a second", reason, cause);
        failure = reason;
        retryAtNanos = nanos.getAsLong() + FAILURE_RETRY.toNanos();
        return new Appended.Failed(reason, FAILURE_RETRY);
    }

    void succeeded() {
        if (hasFailed()) {
            LOG.info("journal: appends succeed again after: {}", failure);
            failure = "";
        }
    }

    /** Why appends are refused; empty while they are taken. */
    String reason() {
        return hasFailed() ? failure : shortage;
    }

    /** Left on the disk now. */
    long freeBytes() {
        return disk.freeBytes();
    }
}
