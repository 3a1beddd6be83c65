package io.inferwatch.histograms.store;

import io.inferwatch.histograms.ClosedWindow;
import io.inferwatch.histograms.WindowBatch;
import io.inferwatch.histograms.WindowStore;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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
 * The thread {@code store}: the only one that writes the database. Urgent transactions go first and at once; windows wait
 * for each other and go at most once a second; what is left of the time goes to upkeep, a slice at a time. A batch that
 * the database refuses stays where it is and is tried again, later each time, until it is in.
 *
 * <p>Tests call {@link #doWork} by hand; {@link #start} runs it on a thread of its own.
 */
public final class StoreThread implements DatabaseWriter, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreThread.class);
    static final int MAX_URGENT = 1_000;
    static final int MAX_WINDOWS = 200_000;
    static final long MAX_BYTES = 32L << 20;
    private static final long WINDOW_OVERHEAD_BYTES = 256;
    private static final int WINDOWS_PER_COMMIT = 20_000;
    private static final long COMMIT_EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long UPKEEP_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long FIRST_RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long LAST_RETRY_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * What the thread says of itself.
     *
     * @param waitingWindows accepted and not yet committed
     * @param waitingBytes the same
     * @param commitNanos spent in them, all together
     * @param lastCommitNanos spent in the last one
     * @param failures refused writes of windows and failed upkeep since the start
     * @param lastFailure of a write that has not succeeded since
     */
    public record Stats(
            int waitingWindows,
            long waitingBytes,
            int waitingUrgent,
            long commits,
            long committedWindows,
            long commitNanos,
            long lastCommitNanos,
            long failures,
            Optional<String> lastFailure) {}

    private record Urgent<T>(String what, Transaction<T> work, CompletableFuture<T> done) {
        void run(Database database) {
            try {
                done.complete(database.write(what, work));
            } catch (RuntimeException | Error refused) {
                done.completeExceptionally(refused);
            }
        }
    }

    private record Waiting(WindowBatch batch, long bytes) {}

    private final Database database;
    private final WindowStore windows;
    private final InstantSource clock;
    private final LongSupplier nanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<Urgent<?>> urgent = new ArrayDeque<>();
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int waitingWindows;
    private long waitingBytes;
    private boolean isClosing;
    private Optional<Thread> thread = Optional.empty();

    private final WriteLog log = new WriteLog();
    private long nextCommitNanos;
    private long nextUpkeepNanos;
    private long retryNanos = FIRST_RETRY_NANOS;

    public StoreThread(Database database, WindowStore windows, InstantSource clock, LongSupplier nanos) {
        this.database = database;
        this.windows = windows;
        this.clock = clock;
        this.nanos = nanos;
        this.nextCommitNanos = nanos.getAsLong();
        this.nextUpkeepNanos = nextCommitNanos;
    }

    /**
     * Takes a batch if there is room. Batches are written in the order they were taken. Any thread.
     *
     * @return {@code false}: full or closing, the caller keeps it and offers it again
     */
    public boolean offer(WindowBatch batch) {
        long bytes = 0;
        for (ClosedWindow window : batch.windows()) {
            bytes += window.data().encoded().length + WINDOW_OVERHEAD_BYTES;
        }
        lock.lock();
        try {
            boolean isFull = waitingWindows + batch.windows().size() > MAX_WINDOWS || waitingBytes + bytes > MAX_BYTES;
            if (isClosing || (isFull && !waiting.isEmpty())) {
                return false;
            }
            waiting.add(new Waiting(batch, bytes));
            waitingWindows += batch.windows().size();
            waitingBytes += bytes;
            changed.signal();
            return true;
        } finally {
            lock.unlock();
        }
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
        if (done == 0 && isCommitDue()) {
            done = commit();
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

    private boolean isCommitDue() {
        lock.lock();
        try {
            return !waiting.isEmpty() && nanos.getAsLong() - nextCommitNanos >= 0;
        } finally {
            lock.unlock();
        }
    }

    private int commit() {
        List<Waiting> taken = take();
        List<ClosedWindow> all = new ArrayList<>();
        taken.forEach(each -> all.addAll(each.batch.windows()));
        long began = nanos.getAsLong();
        try {
            windows.write(new WindowBatch(all, taken.getLast().batch.checkpoint()));
        } catch (RuntimeException refused) {
            log.failed("windows", refused);
            nextCommitNanos = nanos.getAsLong() + retryNanos;
            retryNanos = Math.min(LAST_RETRY_NANOS, retryNanos * 2);
            return 0;
        }
        release(taken.size());
        log.committed(all.size(), nanos.getAsLong() - began);
        retryNanos = FIRST_RETRY_NANOS;
        nextCommitNanos = began + COMMIT_EVERY_NANOS;
        return Math.max(1, all.size());
    }

    /** The batches of the next transaction. They stay in the queue until it has committed. */
    private List<Waiting> take() {
        lock.lock();
        try {
            List<Waiting> taken = new ArrayList<>();
            int size = 0;
            for (Waiting next : waiting) {
                if (!taken.isEmpty() && size + next.batch.windows().size() > WINDOWS_PER_COMMIT) {
                    break;
                }
                taken.add(next);
                size += next.batch.windows().size();
            }
            return taken;
        } finally {
            lock.unlock();
        }
    }

    private void release(int batches) {
        lock.lock();
        try {
            for (int i = 0; i < batches; i++) {
                Waiting written = waiting.remove();
                waitingWindows -= written.batch.windows().size();
                waitingBytes -= written.bytes;
            }
        } finally {
            lock.unlock();
        }
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
        long next = waiting.isEmpty() ? nextUpkeepNanos : earlier(nextCommitNanos, nextUpkeepNanos);
        return next - nanos.getAsLong();
    }

    private static long earlier(long oneNanos, long otherNanos) {
        return oneNanos - otherNanos < 0 ? oneNanos : otherNanos;
    }

    /** Any thread. */
    public Stats stats() {
        lock.lock();
        try {
            return log.stats(waitingWindows, waitingBytes, urgent.size());
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
        long deadline = nanos.getAsLong() + within.toNanos();
        if (thread.isPresent() && !thread.get().join(within)) {
            thread.get().interrupt();
            LOG.warn("store: still busy after {}; what waits comes again from the journal", within);
            return false;
        }
        return drain(deadline);
    }

    private boolean drain(long deadlineNanos) {
        runUrgent();
        while (stats().waitingWindows() > 0 || hasWaiting()) {
            if (nanos.getAsLong() - deadlineNanos >= 0 || commit() == 0) {
                LOG.warn("store: {} windows not written; they come again from the journal", stats().waitingWindows());
                return false;
            }
        }
        return true;
    }

    private boolean hasWaiting() {
        lock.lock();
        try {
            return !waiting.isEmpty();
        } finally {
            lock.unlock();
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
