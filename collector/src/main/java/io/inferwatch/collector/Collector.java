package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.cost.Prices;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.ids.RecentIds;
import io.inferwatch.gpu.GpuPoll;
import io.inferwatch.gpu.XidEvent;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The front door between everything that measures and the journal: a batch goes in whole, without what was already
 * taken, or not at all; and comes out again, in order, as samples of series. Any thread, unless a method says otherwise.
 */
public final class Collector {
    /** How long an overloaded sidecar asks its senders to wait. */
    private static final Duration OVERLOAD_RETRY = Duration.ofSeconds(1);

    private static final Metric XID = MetricCatalogue.require("gpu.xid");

    private static final int MOST_IDS = 1_000_000;
    private static final long IDS_KEPT_MILLIS = Duration.ofMinutes(10).toMillis();

    private final CollectorConfig config;
    private final Journal journal;
    private final LabelSet always;
    private final BooleanSupplier overloaded;
    private final IdHash hash;
    private final Prices prices;
    private final @Nullable CostUsers costUsers;
    private final AtomicLong damagedMeasurements = new AtomicLong();
    private final AtomicLong gpuReadingsDropped = new AtomicLong();
    private final AtomicLong tpotUndefined = new AtomicLong();

    /** Guards the ids, and with them the order "ask, append, remember". */
    private final Object appendLock = new Object();

    private final RecentIds ids = new RecentIds(MOST_IDS, IDS_KEPT_MILLIS);

    private boolean areIdsRecalled;

    /** Guards the GPU side; taken before {@link #appendLock}. */
    private final Object gpuLock = new Object();

    private final GpuReadings gpuReadings = new GpuReadings();
    private final MeasurementBatch gpuBatch;

    /** One without a price table: requests cost what their senders say. */
    public Collector(
            CollectorConfig config, Journal journal, LabelSet always, IdHash hash, BooleanSupplier overloaded) {
        this(config, journal, always, hash, overloaded, new Prices());
    }

    /**
     * Takes nothing before {@link #recallIds}.
     *
     * @param always the labels of every series: {@code host} and the configured static ones
     * @param hash with a key nobody outside knows
     * @param overloaded whether what comes after the journal is too far behind to take more
     * @param prices by which requests are priced whose senders do not say their cost
     */
    public Collector(
            CollectorConfig config,
            Journal journal,
            LabelSet always,
            IdHash hash,
            BooleanSupplier overloaded,
            Prices prices) {
        this.config = config;
        this.prices = prices;
        this.journal = journal;
        this.always = always;
        this.hash = hash;
        this.costUsers = config.labels().cost().contains(RequestText.USER.field()) ? new CostUsers() : null;
        this.overloaded = overloaded;
        this.gpuBatch = newBatch();
    }

    /**
     * Reads back from the journal which ids were taken in the last ten minutes: without them what was taken before a
     * restart would be taken again. Once, before the first record; the journal may be read by a tail meanwhile.
     */
    public Collector recallIds() {
        synchronized (appendLock) {
            new TakenIds(hash, MOST_IDS, IDS_KEPT_MILLIS).restore(journal, ids);
            areIdsRecalled = true;
        }
        return this;
    }

    public CollectorConfig config() {
        return config;
    }

    /** The labels of every series. */
    public LabelSet always() {
        return always;
    }

    /** The journal's clock. */
    public long nowEpochMillis() {
        return journal.nowEpochMillis();
    }

    /** Whether what was taken is on disk by then. */
    public boolean isStrict() {
        return journal.isStrict();
    }

    /** Whether a batch would be answered with {@link BatchOutcome.Busy} at once: worth asking before parsing. */
    public boolean isOverloaded() {
        return overloaded.getAsBoolean();
    }

    /** An empty batch, to be used again and again by one thread at a time. */
    public MeasurementBatch newBatch() {
        return new MeasurementBatch(hash, new RequestCosts(prices), costUsers);
    }

    /**
     * Journals a batch as one record, without the measurements whose id was already taken. A failed append leaves
     * nothing behind, no id either. With {@code ack: strict} it returns once the record is on disk, and so are those it
     * has duplicates of; senders that wait together share one write of the disk.
     */
    public BatchOutcome append(MeasurementBatch batch) {
        if (isOverloaded()) {
            return new BatchOutcome.Busy(OVERLOAD_RETRY);
        }
        BatchOutcome outcome;
        long through;
        BitSet duplicates;
        synchronized (appendLock) {
            duplicates = duplicates(batch.ids());
            outcome = appendAlone(batch, duplicates);
            through = journal.lastSequence();
        }
        if (!journal.isStrict() || !(outcome instanceof BatchOutcome.Taken)) {
            return outcome;
        }
        return switch (journal.awaitDisk(through)) {
            case Journal.Appended.Taken onDisk -> outcome;
            case Journal.Appended.Full full -> new BatchOutcome.Busy(full.retryAfter());
            case Journal.Appended.Failed failed -> {
                withdraw(batch.ids(), duplicates);
                yield new BatchOutcome.Failed(failed.reason(), failed.retryAfter());
            }
        };
    }

    /** Nobody was told that these were taken: sent again, they are new. */
    private void withdraw(BatchIds batch, BitSet duplicates) {
        synchronized (appendLock) {
            for (int i = 0; i < batch.size(); i++) {
                if (batch.hasId(i) && !duplicates.get(i)) {
                    ids.withdraw(batch.hash(i));
                }
            }
        }
    }

    /**
     * Journals what a GPU answered. While the journal is full or broken the poll is dropped and counted: the next one
     * comes in a second.
     */
    public void accept(GpuPoll poll) {
        synchronized (gpuLock) {
            accept(gpuReadings.of(poll));
        }
    }

    /** Journals one XID error of a GPU: one more of its number, as {@code gpu.xid}. */
    public void accept(XidEvent event) {
        LabelSet labels = LabelSet.of(Map.of(
                "gpu", Integer.toString(event.gpu().index()),
                "uuid", event.gpu().uuid(),
                "xid", Integer.toString(event.xid()),
                "kind", event.entry().remedy().label()));
        LabelSet all = event.server()
                .map(name -> labels.plus(LabelSet.of("server", name)))
                .orElse(labels);
        accept(List.of(new SampleMeasurement(
                XID, all, 1, OptionalLong.of(event.at().toEpochMilli()), SampleMeasurement.Origin.UNKNOWN)));
    }

    /** Journals measurements of the sidecar's own making, past the overload check. */
    public BatchOutcome accept(List<? extends Measurement> measurements) {
        synchronized (gpuLock) {
            gpuBatch.clear(journal.nowEpochMillis(), false);
            measurements.forEach(gpuBatch::add);
            BatchOutcome outcome;
            synchronized (appendLock) {
                outcome = appendAlone(gpuBatch, duplicates(gpuBatch.ids()));
            }
            if (!(outcome instanceof BatchOutcome.Taken)) {
                gpuReadingsDropped.incrementAndGet();
            }
            return outcome;
        }
    }

    /** The journal from this record on, for one thread. */
    public MeasurementTail tail(long fromSequence) {
        MeasurementObserver observer = new MeasurementObserver(config.labels(), always);
        return new JournalTail(journal.reader(fromSequence), fromSequence, observer, damagedMeasurements);
    }

    public CollectorStats stats() {
        long idsHeld;
        long idsForgotten;
        synchronized (appendLock) {
            ids.forgetOld(journal.nowEpochMillis());
            idsHeld = ids.size();
            idsForgotten = ids.forgottenEarly();
        }
        synchronized (gpuLock) {
            return new CollectorStats(
                    idsHeld,
                    idsForgotten,
                    damagedMeasurements.get(),
                    gpuReadingsDropped.get(),
                    gpuReadings.refused(),
                    costUsers == null ? 0 : costUsers.toldAsOther(),
                    tpotUndefined.get(),
                    prices.stats());
        }
    }

    private BatchOutcome appendAlone(MeasurementBatch batch, BitSet duplicates) {
        long nowEpochMillis = journal.nowEpochMillis();
        int accepted = batch.size() - duplicates.cardinality();
        if (accepted == 0) {
            return new BatchOutcome.Taken(0, batch.size());
        }
        return switch (journal.append(batch.payload(duplicates), nowEpochMillis)) {
            case Journal.Appended.Taken taken -> {
                remember(batch.ids(), duplicates, nowEpochMillis);
                batch.costs().countTaken(duplicates);
                tpotUndefined.addAndGet(batch.countWithoutTpot(duplicates));
                yield new BatchOutcome.Taken(accepted, duplicates.cardinality());
            }
            case Journal.Appended.Full full -> new BatchOutcome.Busy(full.retryAfter());
            case Journal.Appended.Failed failed -> new BatchOutcome.Failed(failed.reason(), failed.retryAfter());
        };
    }

    private BitSet duplicates(BatchIds batch) {
        if (!areIdsRecalled) {
            throw new IllegalStateException("a batch before recallIds: what was taken before the start is not known");
        }
        ids.forgetOld(journal.nowEpochMillis());
        BitSet duplicates = batch.repeated();
        for (int i = 0; i < batch.size(); i++) {
            if (batch.hasId(i) && ids.contains(batch.hash(i))) {
                duplicates.set(i);
            }
        }
        return duplicates;
    }

    private void remember(BatchIds batch, BitSet duplicates, long takenEpochMillis) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.hasId(i) && !duplicates.get(i)) {
                ids.add(batch.hash(i), takenEpochMillis);
            }
        }
    }
}
