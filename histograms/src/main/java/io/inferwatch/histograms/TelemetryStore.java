package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.ObservationSink;
import io.inferwatch.collector.SourceGap;
import io.inferwatch.collector.catalogue.Metric;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All windows: those being written, those on their way to the database, and, through {@link #queries}, those in it. It is
 * filled by records in sequence order and by nothing else, so a replay from the checkpoint restores it.
 *
 * <p>Threads: the {@code apply} thread observes and closes, the {@code store} thread writes, the {@code tick} thread
 * cuts, any thread queries. One fair lock guards the live windows and is held for one record, or for a copy of what a
 * reader asks for; what leaves it is immutable. A second lock keeps reads of the database apart from the moment a batch
 * turns from memory into rows, so that no window is seen twice or not at all; alerts and receipts do not pass it. They
 * are taken in the order {@link #ruleLock}, {@link #rowsAndMemory}, {@link #lock}.
 */
public final class TelemetryStore implements ObservationSink {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryStore.class);
    /** How long the store thread steps aside for running queries before it insists. */
    private static final long PATIENCE_NANOS = 2_000_000_000L;

    private final HistogramsConfig config;
    private final WindowStore store;
    private final InstantSource clock;
    private final LongSupplier nanos;

    private final ReentrantLock lock = new ReentrantLock(true);
    private final LiveWindows live;
    private long failedWrites;
    private long droppedPanes;
    private long ruleBytes;

    private final ReentrantReadWriteLock rowsAndMemory = new ReentrantReadWriteLock();
    private long writeAskedNanos;
    private boolean isWriteAsked;

    private final ReentrantLock ruleLock = new ReentrantLock();
    private final RuleWindows ruleWindows = new RuleWindows();
    private Retention retention = Retention.NOTHING;
    private Map<String, MetricWindows> warmed = Map.of();

    /** Asks the store what it holds; nothing is read beyond that. */
    public TelemetryStore(HistogramsConfig config, WindowStore store, InstantSource clock, LongSupplier nanos) {
        this.config = config;
        this.store = store;
        this.clock = clock;
        this.nanos = nanos;
        this.live = new LiveWindows(config, store);
    }

    /** What the database held at the start: replay begins at the earlier of its checkpoint and 2 min ago. */
    public WindowStore.Recovery recovery() {
        return live.recovery();
    }

    @Override
    @SuppressWarnings("LockNotBeforeTry") // held until endRecord or abandonRecord
    public void beginRecord(long sequence, long receivedEpochMillis, boolean backfill) {
        lock.lock();
        live.begin(sequence, receivedEpochMillis, backfill);
    }

    @Override
    public boolean needs(Metric metric) {
        return live.needs(metric);
    }

    @Override
    public void observe(
            Metric metric,
            LabelSet labels,
            long epochMillis,
            long scaledValue,
            long weight,
            @Nullable String requestId) {
        live.observe(metric, labels, epochMillis, scaledValue, weight, requestId);
    }

    @Override
    public void observe(Metric metric, LabelSet labels, long epochMillis, Buckets added) {
        live.observe(metric, labels, epochMillis, added);
    }

    @Override
    public void gap(SourceGap gap) {
        live.gap(gap);
    }

    @Override
    public void endRecord() {
        live.end();
        lock.unlock();
    }

    /** Lets go of a record whose reading failed half way. Called by the {@code apply} thread. */
    void abandonRecord() {
        while (lock.isHeldByCurrentThread()) {
            lock.unlock();
        }
    }

    @Override
    public void lost(long records, String reason) {
        locked(() -> {
            live.lost(records);
            return records;
        });
        LOG.error("{} acknowledged records cannot be read from the journal: {}", records, reason);
    }

    /** Closes what is due by the clock. Called by the {@code apply} thread when no record waits. */
    void closeByClock() {
        locked(() -> {
            live.closeDue(nowMillis());
            return true;
        });
    }

    /** Whether so much waits for the database that no more records should be applied: the journal keeps them. */
    boolean isFull() {
        return locked(live::isFull);
    }

    /**
     * Writes the rows that wait, if it is time to. Called by the {@code store} thread alone, about once a second.
     *
     * @return whether a batch was written, so that more may wait
     * @throws RuntimeException what the store threw; the same batch is tried again at the next call
     */
    public boolean writeRows() {
        return write(false);
    }

    /** Hands every open window over and writes all there is. The {@code store} thread's last act. */
    public void flush() {
        locked(() -> {
            live.handOver.close(nowMillis(), true);
            return true;
        });
        while (write(true)) {
            LOG.debug("wrote a batch of windows before the end");
        }
    }

    private boolean write(boolean flush) {
        Optional<WindowBatch> batch = locked(() -> live.handOver.next(nowMillis(), live.sequence(), flush));
        if (batch.isEmpty() || !enter(flush)) {
            return false;
        }
        try {
            store.write(batch.get());
            locked(() -> {
                live.handOver.written();
                return true;
            });
            return true;
        } catch (RuntimeException e) {
            locked(() -> ++failedWrites);
            throw e;
        } finally {
            rowsAndMemory.writeLock().unlock();
        }
    }

    /** Alerts go through the store thread too: it does not stand behind a long query unless it has to. */
    private boolean enter(boolean insist) {
        boolean entered = rowsAndMemory.writeLock().tryLock();
        if (!entered && !isWriteAsked) {
            isWriteAsked = true;
            writeAskedNanos = nanos.getAsLong();
        }
        if (!entered && (insist || nanos.getAsLong() - writeAskedNanos >= PATIENCE_NANOS)) {
            rowsAndMemory.writeLock().lock();
            entered = true;
        }
        isWriteAsked &= !entered;
        return entered;
    }

    /**
     * From now on these are the questions rules ask. What memory lacks for them is read from the database, so this may
     * take a while; it takes effect at the next cut. To be called before the replay begins, so that panes are rebuilt
     * too, and then at each reload; never by the {@code apply} thread.
     */
    public void retain(Collection<SignalQuery> queries) {
        ruleLock.lock();
        try {
            retention = Retention.of(queries);
            Map<String, MetricWindows> ready = new HashMap<>(warmed);
            ready.keySet().retainAll(retention.byMetric().keySet());
            ready.putAll(warm(false));
            warmed = ready;
        } finally {
            ruleLock.unlock();
        }
    }

    /** @param all whether to trust nothing of what is kept */
    private Map<String, MetricWindows> warm(boolean all) {
        return readConsistently(() -> {
            Map<String, List<Unwritten>> unwritten = new HashMap<>();
            Warming warming = locked(() -> beginWarming(all, unwritten));
            Map<String, MetricWindows> fresh = new HashMap<>();
            retention.byMetric().forEach((metric, asked) -> {
                List<Unwritten> windows = unwritten.get(metric);
                if (windows != null) {
                    fresh.put(metric, warming.windows(asked, windows));
                }
            });
            return fresh;
        });
    }

    /** @param unwritten gets, for each metric that must be read anew, the windows its rows lack */
    private Warming beginWarming(boolean all, Map<String, List<Unwritten>> unwritten) {
        live.table.setReaders(retention.readers(), retention.withPanes());
        retention.byMetric().forEach((metric, asked) -> {
            if (all || !isCovered(metric, asked)) {
                unwritten.put(metric, live.unwritten(metric, labels -> true, Long.MIN_VALUE, Long.MAX_VALUE));
            }
        });
        live.feed.putBack(live.feed.take().stream()
                .map(piece -> unwritten.containsKey(piece.key().metric()) ? piece.forPanesOnly() : piece)
                .toList());
        long now = nowMillis();
        return new Warming(store, now, live.sequence() == 0 ? Long.MIN_VALUE : now);
    }

    private boolean isCovered(String metric, Retention.OfMetric asked) {
        MetricWindows ready = warmed.get(metric);
        MetricWindows kept = ready != null ? ready : ruleWindows.of(metric).orElse(null);
        return kept != null && kept.retention.covers(asked);
    }

    /**
     * One view of all that was applied until now. Called by the {@code tick} thread alone, which must not use an earlier
     * view any more; at least every 30 s, or what rules read may have to be fetched from the database anew.
     */
    public MetricView cut(Instant at) {
        ruleLock.lock();
        try {
            boolean isBroken = locked(live.feed::wasBroken);
            if (isBroken) {
                warmed = warm(true);
            }
            RuleFeed.Taken taken = locked(() -> new RuleFeed.Taken(live.feed.take(), live.table.sourcesHeard()));
            ruleWindows.install(retention, warmed);
            warmed = Map.of();
            ruleWindows.absorb(taken.pieces());
            ruleWindows.forgetIdle(at.toEpochMilli());
            ruleWindows.shrinkTo(config.maxBytes() / 4);
            locked(() -> {
                droppedPanes = ruleWindows.droppedPanes();
                ruleBytes = ruleWindows.heapBytes();
                return true;
            });
            return new Cut(at, ruleWindows, taken.sourcesHeard());
        } finally {
            ruleLock.unlock();
        }
    }

    /** Answers from memory and database together. */
    public Queries queries() {
        return new Queries(this, store);
    }

    /** Reads memory and database as of one moment. */
    <T> T readConsistently(Supplier<T> reading) {
        rowsAndMemory.readLock().lock();
        try {
            return reading.get();
        } finally {
            rowsAndMemory.readLock().unlock();
        }
    }

    /** The windows of these series that start in {@code [from, to)} and are not in the database. */
    List<Unwritten> unwritten(String metric, Predicate<LabelSet> which, long fromMillis, long toMillis) {
        return locked(() -> live.unwritten(metric, which, fromMillis, toMillis));
    }

    /** The labels of the live series of a metric. */
    List<LabelSet> liveSeries(String metric) {
        return locked(() -> live.table.of(metric).stream()
                .map(series -> series.key.labels())
                .toList());
    }

    /**
     * What each live series was given since the process started, in no order: rows written before count for nothing.
     * Backfilled samples neither, for they did not happen now. Any thread.
     */
    public List<SeriesTotals> totals() {
        return locked(() -> live.totals(false));
    }

    /** As {@link #totals}, with the buckets of events: as of the same moment as their counts. */
    public List<SeriesTotals> totalsWithBuckets() {
        return locked(() -> live.totals(true));
    }

    /** The newest stretches of time in which a source could not be read, oldest first; at most 200. */
    public List<SourceGap> gaps() {
        return locked(live::gaps);
    }

    public TelemetryStoreStats stats() {
        return locked(() -> live.stats(ruleBytes, droppedPanes, failedWrites));
    }

    private long nowMillis() {
        return Math.max(live.receivedMillis(), clock.millis());
    }

    private <T> T locked(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }
}
