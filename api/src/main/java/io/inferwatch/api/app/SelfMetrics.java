package io.inferwatch.api.app;

import io.inferwatch.collector.CollectorStats;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.cost.Prices;
import io.inferwatch.collector.otlp.MetricIntake;
import io.inferwatch.collector.otlp.TraceIntake;
import io.inferwatch.collector.push.IntakeStats;
import io.inferwatch.gpu.GpuStats;
import io.inferwatch.histograms.TelemetryStoreStats;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The sidecar watches itself: every ten seconds it takes each front door's own numbers and sends them the way of every
 * other measurement, so that they can be queried and judged alike. Used by one thread.
 */
final class SelfMetrics {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private record SeriesName(Metric metric, LabelSet labels) {}

    private final Parts parts;
    private final boolean isPlaintextBeyondHost;
    private final Map<SeriesName, Long> lastTotals = new HashMap<>();
    private final SourceAges ages = new SourceAges();
    private List<SampleMeasurement> batch = new ArrayList<>();

    /** @param isPlaintextBeyondHost whether {@code --insecure-plaintext} was said */
    SelfMetrics(Parts parts, boolean isPlaintextBeyondHost) {
        this.parts = parts;
        this.isPlaintextBeyondHost = isPlaintextBeyondHost;
    }

    Duration step() {
        batch = new ArrayList<>();
        intake("requests", parts.requests().stats());
        intake("samples", parts.samples().stats());
        parts.otlp().ifPresent(otlp -> {
            traces(otlp.traces().stats());
            metrics(otlp.metrics().stats());
        });
        store();
        journal();
        deliveries();
        sources();
        nvml(parts.gpus().stats());
        gauge("inferwatch.http.insecure_plaintext", isPlaintextBeyondHost ? 1 : 0);
        total(
                "inferwatch.store.failures",
                LabelSet.EMPTY,
                parts.storeThread().stats().failures());
        total(
                "inferwatch.store.damaged",
                LabelSet.EMPTY,
                parts.storeThread().stats().damaged());
        total("inferwatch.proxy.dropped", LabelSet.EMPTY, parts.proxies().dropped());
        total(
                "inferwatch.store.shortened",
                LabelSet.EMPTY,
                parts.storeThread().stats().shortenedHours());
        gauge("inferwatch.stream.listeners", parts.streams().listeners());
        total("inferwatch.stream.dropped", LabelSet.EMPTY, parts.streams().dropped());
        gauge("inferwatch.rules.tick_time", parts.ticker().stats().lastTickNanos() / 1_000);
        if (!batch.isEmpty()) {
            parts.collector().accept(batch);
        }
        return EVERY;
    }

    private void intake(String route, IntakeStats stats) {
        LabelSet labels = LabelSet.of("route", route);
        total("inferwatch.records.accepted", labels, stats.accepted());
        total("inferwatch.records.duplicates", labels, stats.duplicates());
        total("inferwatch.records.warnings", labels, stats.warnings());
        total("inferwatch.records.late", labels, stats.late());
        total("inferwatch.records.skewed", labels, stats.skewed());
        stats.rejected()
                .forEach((reason, count) -> total(
                        "inferwatch.records.rejected",
                        labels.plus(LabelSet.of("reason", reason.name().toLowerCase(Locale.ROOT))),
                        count));
    }

    private void traces(TraceIntake.Stats stats) {
        LabelSet labels = LabelSet.of("route", "traces");
        total("inferwatch.records.accepted", labels, stats.accepted());
        total("inferwatch.records.duplicates", labels, stats.duplicates());
        total("inferwatch.records.rejected", labels.plus(LabelSet.of("reason", "span")), stats.rejected());
    }

    private void metrics(MetricIntake.Stats stats) {
        LabelSet labels = LabelSet.of("route", "metrics");
        total("inferwatch.records.accepted", labels, stats.accepted());
        stats.rejected()
                .forEach((reason, count) ->
                        total("inferwatch.records.rejected", labels.plus(LabelSet.of("reason", reason)), count));
        stats.events().forEach((kind, count) -> total("inferwatch.otlp.streams", LabelSet.of("event", kind), count));
    }

    private void store() {
        TelemetryStoreStats stats = parts.telemetry().stats();
        gauge("inferwatch.series.live", stats.liveSeries());
        gauge("inferwatch.apply.lag", parts.apply().lagMillis() * 1_000);
        CollectorStats collected = parts.collector().stats();
        total("inferwatch.ids.forgotten", LabelSet.EMPTY, collected.idsForgotten());
        total("inferwatch.cost.other", LabelSet.EMPTY, collected.costsToldAsOther());
        total("inferwatch.tpot.undefined", LabelSet.EMPTY, collected.tpotUndefined());
        prices(collected.prices());
    }

    private void prices(Prices.Stats prices) {
        gauge("inferwatch.prices.models", prices.modelsPriced());
        total("inferwatch.prices.failures", LabelSet.EMPTY, parts.prices().failures());
        prices.unknownModels()
                .forEach((model, count) -> total("inferwatch.cost.unknown_model", LabelSet.of("model", model), count));
        prices.undefined()
                .forEach((lack, count) ->
                        total("inferwatch.cost.undefined", LabelSet.of("reason", lack.label()), count));
    }

    private void journal() {
        var stats = parts.journal().stats();
        gauge("inferwatch.journal.bytes", stats.bytesOnDisk());
        stats.freeBytes().ifPresent(free -> gauge("inferwatch.journal.disk_free", free));
        gauge("inferwatch.journal.sync_time", stats.lastSyncNanos() / 1_000);
        total("inferwatch.journal.lost", LabelSet.EMPTY, stats.lostRecords());
        total("inferwatch.journal.lost_unsynced", LabelSet.EMPTY, stats.lostUnsyncedAtMost());
        total("inferwatch.journal.quarantined", LabelSet.EMPTY, stats.quarantinedFiles());
    }

    private void nvml(GpuStats stats) {
        stats.calls().forEach((call, cost) -> {
            LabelSet labels = LabelSet.of("call", call);
            total("inferwatch.nvml.time", labels, cost.totalNanos());
            total("inferwatch.nvml.calls", labels, cost.count());
            if (cost.p99Nanos() > 0) {
                add(MetricCatalogue.require("inferwatch.nvml.call_p50"), labels, micros(cost.medianNanos()));
                add(MetricCatalogue.require("inferwatch.nvml.call_p99"), labels, micros(cost.p99Nanos()));
            }
        });
        stats.errors()
                .forEach((code, count) ->
                        total("inferwatch.nvml.errors", LabelSet.of("code", Integer.toString(code)), count));
        stats.garbageReadings()
                .forEach((metric, count) -> total("inferwatch.nvml.garbage", LabelSet.of("metric", metric), count));
        if (!stats.calls().isEmpty()) {
            total(
                    "inferwatch.nvml.polls_skipped",
                    LabelSet.of("reason", "busy"),
                    stats.polls().busy());
            total(
                    "inferwatch.nvml.polls_skipped",
                    LabelSet.of("reason", "slow"),
                    stats.polls().paced());
            gauge("inferwatch.nvml.hung_calls", stats.hungCalls());
        }
    }

    private static long micros(long nanos) {
        return Math.max(1, nanos / 1_000);
    }

    private void deliveries() {
        parts.pipeline()
                .stats()
                .receivers()
                .forEach(receiver -> receiver.attempts()
                        .forEach((outcome, count) -> total(
                                "inferwatch.deliveries",
                                LabelSet.of("receiver", receiver.name(), "outcome", outcome),
                                count)));
    }

    private void sources() {
        Metric age = MetricCatalogue.require("inferwatch.source.age");
        ages.look(parts.scrapes().reports(), parts.clock().instant())
                .forEach((server, passed) -> add(age, LabelSet.of("server", server), passed.toMillis() * 1_000));
    }

    /** Records what a running total grew by since the last look. The first look counts from the start, and may be 0. */
    private void total(String name, LabelSet labels, long now) {
        Metric metric = MetricCatalogue.require(name);
        Long before = lastTotals.put(new SeriesName(metric, labels), now);
        long grown = now - (before == null ? 0 : before);
        if (grown > 0 || before == null) {
            add(metric, labels, grown);
        }
    }

    private void gauge(String name, long scaledValue) {
        add(MetricCatalogue.require(name), LabelSet.EMPTY, Math.max(0, scaledValue));
    }

    private void add(Metric metric, LabelSet labels, long scaledValue) {
        batch.add(new SampleMeasurement(
                metric, labels, scaledValue, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN));
    }
}
