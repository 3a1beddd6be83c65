package io.inferwatch.api.app;

import io.inferwatch.api.exposition.Exposition;
import io.inferwatch.api.remote.RemoteWriteConfig;
import io.inferwatch.api.remote.RemoteWriter;
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

/** Remote write, and its own numbers as metrics like any other. */
final class RemoteWriteDesk {
    private static final Metric BODIES = MetricCatalogue.require("inferwatch.remote_write.bodies");
    private static final Metric WAITING = MetricCatalogue.require("inferwatch.remote_write.waiting");

    private final Parts parts;
    private final RemoteWriter writer;
    private Map<String, Long> told = Map.of();

    RemoteWriteDesk(Parts parts, RemoteWriteConfig config, LongSupplier nanos) {
        this.parts = parts;
        this.writer = new RemoteWriter(
                config,
                () -> Exposition.withHistograms(
                        parts.telemetry().totalsWithBuckets(),
                        config.histograms(),
                        parts.clock().instant()),
                parts.clock(),
                nanos);
    }

    Duration gather() {
        Duration rest = writer.gather();
        count(writer.stats());
        return rest;
    }

    Duration send() throws InterruptedException {
        return writer.send();
    }

    private void count(RemoteWriter.Stats stats) {
        Map<String, Long> now = new LinkedHashMap<>();
        now.put("sent", stats.sent());
        now.put("refused", stats.refused());
        now.put("dropped", stats.dropped());
        now.put("tried_again", stats.failures());
        List<SampleMeasurement> batch = new ArrayList<>();
        now.forEach((outcome, total) ->
                batch.add(sample(BODIES, LabelSet.of("outcome", outcome), total - told.getOrDefault(outcome, 0L))));
        batch.add(sample(WAITING, LabelSet.EMPTY, stats.waitingBytes()));
        told = now;
        parts.collector().accept(batch);
    }

    private static SampleMeasurement sample(Metric metric, LabelSet labels, long scaled) {
        return new SampleMeasurement(metric, labels, scaled, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }
}
