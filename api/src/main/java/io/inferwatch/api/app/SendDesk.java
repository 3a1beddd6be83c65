package io.inferwatch.api.app;

import io.inferwatch.api.exposition.EventHistograms;
import io.inferwatch.api.exposition.Exposition;
import io.inferwatch.api.remote.MetricSender;
import io.inferwatch.api.remote.Protocol;
import io.inferwatch.api.remote.SendConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/** Sends metrics one way, and its own numbers as metrics like any other. */
final class SendDesk {
    private final Parts parts;
    private final String name;
    private final Metric bodies;
    private final Metric waiting;
    private final MetricSender writer;
    private Map<String, Long> told = Map.of();

    SendDesk(Parts parts, SendConfig config, Protocol protocol, EventHistograms events, LongSupplier nanos) {
        this.parts = parts;
        this.name = config.key();
        this.bodies = MetricCatalogue.require("inferwatch." + config.key() + ".bodies");
        this.waiting = MetricCatalogue.require("inferwatch." + config.key() + ".waiting");
        this.writer = new MetricSender(
                config,
                protocol,
                () -> Exposition.withHistograms(
                        parts.telemetry().totalsWithBuckets(),
                        events,
                        parts.clock().instant()),
                parts.clock(),
                nanos);
    }

    /** Of the configuration's key, and of its threads. */
    String name() {
        return name;
    }

    Duration gather() {
        Duration rest = writer.gather();
        count(writer.stats());
        return rest;
    }

    Duration send() throws InterruptedException {
        return writer.send();
    }

    private void count(MetricSender.Stats stats) {
        Map<String, Long> now = new LinkedHashMap<>();
        now.put("sent", stats.sent());
        now.put("partly_refused", stats.partlyRefused());
        now.put("refused", stats.refused());
        now.put("dropped", stats.dropped());
        now.put("tried_again", stats.failures());
        List<SampleMeasurement> batch = new ArrayList<>();
        now.forEach((outcome, total) ->
                batch.add(sample(bodies, LabelSet.of("outcome", outcome), total - told.getOrDefault(outcome, 0L))));
        batch.add(sample(waiting, LabelSet.EMPTY, stats.waitingBytes()));
        told = now;
        parts.collector().accept(batch);
    }

    private static SampleMeasurement sample(Metric metric, LabelSet labels, long scaled) {
        return new SampleMeasurement(metric, labels, scaled, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }
}
