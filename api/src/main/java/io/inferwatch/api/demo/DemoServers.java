package io.inferwatch.api.demo;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the servers of the three models would tell on their own metrics pages: how full the key-value cache is, how many
 * requests run and wait. The same moment of the same incident gives the same numbers.
 */
final class DemoServers {
    private static final Metric CACHE = MetricCatalogue.require("llm.kv_cache.usage");
    private static final Metric RUNNING = MetricCatalogue.require("llm.running");
    private static final Metric WAITING = MetricCatalogue.require("llm.waiting");
    private static final Metric UP = MetricCatalogue.require("server.up");

    /** @param phase apart from the others, so that their courses differ */
    private record Server(String name, double cacheShare, int running, double phase) {}

    private static final List<Server> SERVERS = List.of(
            new Server("llama-3.3-70b", 0.62, 48, 0),
            new Server("qwen3-32b", 0.44, 31, 2),
            new Server("gemma-3-12b", 0.27, 12, 4));

    private DemoServers() {}

    static List<Measurement> gauges(Incident incident, Instant at) {
        List<Measurement> made = new ArrayList<>();
        for (Server server : SERVERS) {
            // Its GPU is slow: requests stay longer, fill the cache and then wait for it.
            boolean isSlow = incident == Incident.THERMAL && server.equals(SERVERS.getFirst());
            double wave = Math.sin(at.toEpochMilli() / 23_000.0 + server.phase());
            LabelSet labels = LabelSet.of(
                    "server", server.name(), "model", server.name(), "engine", "vllm", "observer", "scrape");
            made.add(gauge(CACHE, labels, isSlow ? 0.985 + 0.01 * wave : server.cacheShare() + 0.08 * wave));
            made.add(gauge(RUNNING, labels, isSlow ? 2 * server.running() : server.running() * (1 + 0.2 * wave)));
            made.add(gauge(WAITING, labels, isSlow ? 34 + 9 * wave : Math.max(0, 2 * wave)));
            made.add(gauge(UP, labels, 1));
        }
        return made;
    }

    private static SampleMeasurement gauge(Metric metric, LabelSet labels, double value) {
        return new SampleMeasurement(
                metric,
                labels,
                Math.round(value * metric.unit().stepsPerUnit()),
                OptionalLong.empty(),
                SampleMeasurement.Origin.UNKNOWN);
    }
}
