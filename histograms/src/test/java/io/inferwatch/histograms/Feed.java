package io.inferwatch.histograms;

import io.inferwatch.collector.Buckets;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A store with a clock by hand, fed record by record. */
final class Feed {
    final AtomicLong nowMillis = new AtomicLong(Metrics.T0);
    final MapWindowStore rows;
    final TelemetryStore store;
    private long sequence;

    Feed() {
        this(new MapWindowStore(), HistogramsConfig.DEFAULT);
    }

    Feed(MapWindowStore rows, HistogramsConfig config) {
        InstantSource clock = () -> Instant.ofEpochMilli(nowMillis.get());
        this.rows = rows;
        this.store = new TelemetryStore(config, rows, clock, () -> nowMillis.get() * 1_000_000);
    }

    /** One record of one sample, received now. */
    void observe(Metric metric, LabelSet labels, long epochMillis, long scaled) {
        observe(metric, labels, epochMillis, scaled, 1, null);
    }

    void observe(
            Metric metric, LabelSet labels, long epochMillis, long scaled, long weight, @Nullable String requestId) {
        observe(false, metric, labels, epochMillis, scaled, weight, requestId);
    }

    /** One record of history, received now. */
    void backfill(Metric metric, LabelSet labels, long epochMillis, long scaled) {
        observe(true, metric, labels, epochMillis, scaled, 1, null);
    }

    private void observe(
            boolean backfill,
            Metric metric,
            LabelSet labels,
            long epochMillis,
            long scaled,
            long weight,
            @Nullable String requestId) {
        store.beginRecord(++sequence, nowMillis.get(), backfill);
        store.observe(metric, labels, epochMillis, scaled, weight, requestId);
        store.endRecord();
    }

    void at(long millisAfterStart) {
        nowMillis.set(Metrics.T0 + millisAfterStart);
        store.closeByClock();
    }

    /** One record of bucketed observations, received now. */
    void observe(Metric metric, LabelSet labels, long epochMillis, Buckets added) {
        store.beginRecord(++sequence, nowMillis.get(), false);
        store.observe(metric, labels, epochMillis, added);
        store.endRecord();
    }

    /** Closes and writes what is due. */
    void write() {
        store.closeByClock();
        nowMillis.addAndGet(6_000);
        store.closeByClock();
        while (store.writeRows()) {
            nowMillis.addAndGet(1_000);
        }
    }

    MetricView cut() {
        return store.cut(Instant.ofEpochMilli(nowMillis.get()));
    }
}
