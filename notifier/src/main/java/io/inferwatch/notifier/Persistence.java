package io.inferwatch.notifier;

import io.inferwatch.notifier.conversation.Target;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings what changed into the database, one transaction at a time, again after a failure, and the log beside it to the
 * disk. Belongs to the pipeline's thread.
 */
final class Persistence {
    private static final Logger log = LoggerFactory.getLogger(Persistence.class);
    private static final Duration HISTORY_KEPT = Duration.ofDays(90);
    private static final Duration PRUNED_EVERY = Duration.ofHours(1);

    /** A transaction that takes longer than that holds up what must be told. */
    private static final Duration DATABASE_PATIENCE = Duration.ofSeconds(5);

    private static final Duration LONGEST_DATABASE_PAUSE = Duration.ofSeconds(30);

    private final Ledger ledger;
    private final Outbox outbox;
    private final ToldLog toldLog;
    private final InstantSource clock;
    private final LongSupplier nanos;
    private final Consumer<Runnable> pipeline;

    /** Operators who wait for what they ordered to be committed. */
    private List<CompletableFuture<Void>> waiting = new ArrayList<>();

    private List<CompletableFuture<Void>> committing = new ArrayList<>();
    private @Nullable Instant prunedAt;
    private long databaseFailures;
    private int databaseFailuresInARow;
    private @Nullable String databaseProblem;
    private long noWriteBeforeNanos;
    private long writingSinceNanos;

    /** @param pipeline runs something on the pipeline's thread */
    Persistence(
            Ledger ledger,
            Outbox outbox,
            ToldLog toldLog,
            InstantSource clock,
            LongSupplier nanos,
            Consumer<Runnable> pipeline) {
        this.ledger = ledger;
        this.outbox = outbox;
        this.toldLog = toldLog;
        this.clock = clock;
        this.nanos = nanos;
        this.pipeline = pipeline;
        this.noWriteBeforeNanos = nanos.getAsLong();
    }

    /** Completes when the next transaction ended, whatever came of it. */
    CompletableFuture<Void> nextCommit() {
        CompletableFuture<Void> committed = new CompletableFuture<>();
        waiting.add(committed);
        return committed;
    }

    /** @return whether a transaction began */
    boolean write() {
        toldLog.flush();
        boolean mayWrite = !ledger.isWriting() && nanos.getAsLong() - noWriteBeforeNanos >= 0;
        if (!mayWrite || !ledger.hasChanges()) {
            return false;
        }
        Changes changes = ledger.beginWrite(pruneBefore());
        writingSinceNanos = nanos.getAsLong();
        committing = waiting;
        waiting = new ArrayList<>();
        var unused = outbox.write(changes).whenComplete((done, failure) -> pipeline.accept(() -> written(failure)));
        return true;
    }

    /** It refused what was last written, or has not answered for long. */
    boolean isAway() {
        boolean hangs = ledger.isWriting() && nanos.getAsLong() - writingSinceNanos >= DATABASE_PATIENCE.toNanos();
        return databaseProblem != null || hangs;
    }

    private Optional<Instant> pruneBefore() {
        Instant now = clock.instant();
        if (prunedAt != null && prunedAt.plus(PRUNED_EVERY).isAfter(now)) {
            return Optional.empty();
        }
        prunedAt = now;
        return Optional.of(now.minus(HISTORY_KEPT));
    }

    private void written(@Nullable Throwable failure) {
        // What an operator ordered is in force either way, and is written again until it stands.
        committing.forEach(order -> order.complete(null));
        committing = List.of();
        if (failure == null) {
            ledger.written();
            confirmToldLog();
            if (databaseProblem != null) {
                log.info("The database takes alert state again after {} failures", databaseFailuresInARow);
            }
            databaseProblem = null;
            databaseFailuresInARow = 0;
            return;
        }
        ledger.notWritten();
        databaseFailures++;
        databaseFailuresInARow++;
        Duration pause = Duration.ofMillis(250L << Math.min(10, databaseFailuresInARow));
        Duration bounded = pause.compareTo(LONGEST_DATABASE_PAUSE) > 0 ? LONGEST_DATABASE_PAUSE : pause;
        noWriteBeforeNanos = nanos.getAsLong() + bounded.toNanos();
        if (databaseProblem == null) {
            log.error(
                    "The database does not take alert state; until it does only P0, P1 and the sidecar's own alerts are sent",
                    failure);
        }
        databaseProblem = failure.toString();
    }

    /** What was told without the database is in it now. */
    private void confirmToldLog() {
        for (Target target : toldLog.unconfirmed()) {
            ledger.committed(target).ifPresent(toldLog::settled);
        }
        toldLog.confirmed(
                target -> !ledger.isKnown(target) || ledger.committed(target).isPresent());
    }

    /** Transactions that failed since the start. */
    long failures() {
        return databaseFailures;
    }

    /** Why the last transaction failed; empty once one succeeded. */
    Optional<String> problem() {
        return Optional.ofNullable(databaseProblem);
    }
}
