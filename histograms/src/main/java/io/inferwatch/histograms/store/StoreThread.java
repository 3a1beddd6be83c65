package io.inferwatch.histograms.store;

import io.inferwatch.histograms.RowSource;
import io.inferwatch.histograms.WindowStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread {@code store}: the only one that writes the database. Urgent transactions go first and at once; window rows
 * go at most once a second; what is left of the time goes to upkeep, a slice at a time. Rows that the database refuses stay
 * with their source and are tried again, later each time, until they are in.
 *
 * <p>Tests call {@link #doWork} by hand; {@link #start} runs it on a thread of its own.
 */
public final class StoreThread implements DatabaseWriter, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreThread.class);
    static final int MAX_URGENT = 1_000;
    private static final long COMMIT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long UPKEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LAST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * What the thread says of itself.
     *
     * @param commits batches of window rows that were written
     * @param commitNanos spent in them, all together
     * @param lastCommitNanos spent in the last one
     * @param failures refused writes of windows and failed upkeep since the start
     * @param lastFailure of a write that has not succeeded since
     * @param damaged rows found damaged since the start, and the file put aside at it
     * @param damage what is lost of the database, and what to do
     * @param shortenedHours hours of windows dropped before their time because {@code store.max_bytes} was reached
     */
    public record Stats(
            int waitingUrgent,
            long commits,
            long commitNanos,
            long lastCommitNanos,
            long failures,
            Optional<String> lastFailure,
            long damaged,
            Optional<String> damage,
            long shortenedHours) {}

    private record Urgent<T>(String what, Transaction<T> work, CompletableFuture<T> done) {
        void run(Database database) {
            try {
                done.complete(database.write(what, work));
            } catch (RuntimeException | Error refused) {
                done.completeExceptionally(refused);
            }
        }
    }

    private final Database database;
    private final RowSource rows;
    private final WindowStore windows;
    private final InstantSource clock;
    private final LongSupplier nanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Urgent<?>> urgent = new ArrayDeque<>();
    private boolean isClosing;
    private Optional<Thread> thread = Optional.empty();

    private final WriteLog log = new WriteLog();
    private long nextCommitNanos;
    private long nextUpkeepNanos;
    private long retryNanos = FIRST_RETRY_NANOS;

    /** @param windows for its upkeep; rows reach it through {@code rows} */
    public StoreThread(
            Database database, RowSource rows, WindowStore windows, InstantSource clock, LongSupplier nanos) {
        this.database = database;
        this.rows = rows;
        this.windows = windows;
        this.clock = clock;
        this.nanos = nanos;
        this.nextCommitNanos = nanos.getAsLong();
        this.nextUpkeepNanos = nextCommitNanos;
    }

    @Override
    public <T> CompletableFuture<T> urgently(String what, Transaction<T> work) {
        CompletableFuture<T> done = new CompletableFuture<>();
        lock.lock();
        try {
            if (isClosing) {
                done.completeExceptionally(new RejectedExecutionException("database: " + what + ": closing"));
            } else if (urgent.size() >= MAX_URGENT) {
                done.completeExceptionally(new RejectedExecutionException(
                        "database: " + what + ": " + MAX_URGENT + " others wait already"));
            } else {
                urgent.add(new Urgent<>(what, work, done));
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        return done;
    }

    /** One turn of the duty cycle. The one thread, or a test. Returns how much it did; 0 when there was nothing to do. */
    public int doWork() {
        int done = runUrgent();
        if (done == 0 && nanos.getAsLong() - nextCommitNanos >= 0) {
            done = writeRows();
        }
        if (done == 0 && nanos.getAsLong() - nextUpkeepNanos >= 0) {
            done = upkeep();
        }
        return done;
    }

    private int runUrgent() {
        int done = 0;
        for (Optional<Urgent<?>> next = pollUrgent(); next.isPresent(); next = pollUrgent()) {
            next.get().run(database);
            done++;
        }
        return done;
    }

    private Optional<Urgent<?>> pollUrgent() {
        lock.lock();
        try {
            return Optional.ofNullable(urgent.poll());
        } finally {
            lock.unlock();
        }
    }

    private int writeRows() {
        long began = nanos.getAsLong();
        nextCommitNanos = began + COMMIT_EVERY_NANOS;
        try {
            if (!rows.writeRows()) {
                return 0;
            }
        } catch (RuntimeException refused) {
            log.failed("windows", refused);
            nextCommitNanos = nanos.getAsLong() + retryNanos;
            retryNanos = Math.min(LAST_RETRY_NANOS, retryNanos * 2);
            return 0;
        }
        log.committed(nanos.getAsLong() - began);
        retryNanos = FIRST_RETRY_NANOS;
        return 1;
    }

    private int upkeep() {
        try {
            if (windows.maintain(clock.millis())) {
                return 1;
            }
        } catch (RuntimeException refused) {
            log.failed("upkeep", refused);
        }
        nextUpkeepNanos = nanos.getAsLong() + UPKEEP_EVERY_NANOS;
        return 0;
    }

    /** Runs the duty cycle on a daemon thread until {@link #close}. */
    public void start() {
        thread = Optional.of(Thread.ofPlatform().name("store").daemon().start(this::run));
    }

    private void run() {
        while (true) {
            try {
                if (doWork() == 0 && !awaitWork()) {
                    return;
                }
            } catch (InterruptedException stopped) {
                return;
            } catch (Throwable unexpected) {
                log.failed("store thread", unexpected);
            }
        }
    }

    /** @return {@code false} when closing and nothing urgent is left */
    private boolean awaitWork() throws InterruptedException {
        lock.lock();
        try {
            for (long wait = untilDue(); urgent.isEmpty() && !isClosing && wait > 0; wait = untilDue()) {
                changed.awaitNanos(wait);
            }
            return !urgent.isEmpty() || !isClosing;
        } finally {
            lock.unlock();
        }
    }

    private long untilDue() {
        return earlier(nextCommitNanos, nextUpkeepNanos) - nanos.getAsLong();
    }

    private static long earlier(long oneNanos, long otherNanos) {
        return oneNanos - otherNanos < 0 ? oneNanos : otherNanos;
    }

    /** Any thread. */
    public Stats stats() {
        lock.lock();
        try {
            return log.stats(urgent.size(), database);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes nothing more, writes what waits, and ends the thread.
     *
     * @return whether all was written within the time; what was not is in the journal and comes again
     */
    public boolean stop(Duration within) throws InterruptedException {
        lock.lock();
        try {
            isClosing = true;
            changed.signal();
        } finally {
            lock.unlock();
        }
        if (thread.isPresent() && !thread.get().join(within)) {
            thread.get().interrupt();
            LOG.warn("store: still busy after {}; what waits comes again from the journal", within);
            return false;
        }
        return drain();
    }

    private boolean drain() {
        runUrgent();
        try {
            rows.flush();
            return true;
        } catch (RuntimeException refused) {
            log.failed("windows", refused);
            return false;
        }
    }

    /** As {@link #stop} within five seconds. */
    @Override
    public void close() {
        try {
            stop(Duration.ofSeconds(5));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
