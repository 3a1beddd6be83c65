package io.inferwatch.api.remote;

import io.inferwatch.api.exposition.RemoteWriteBody;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Prometheus's remote write 1.0: protobuf in Snappy. */
public final class PrometheusRemoteWrite implements Protocol {
    private final RemoteWriteBody bodies = new RemoteWriteBody();

    @Override
    public String name() {
        return "remote write";
    }

    @Override
    public List<byte[]> bodies(MetricSnapshots snapshots, Instant now) {
        return bodies.of(snapshots, now.toEpochMilli()).stream()
                .map(Snappy::compress)
                .toList();
    }

    @Override
    public Map<String, String> headers() {
        return Map.of(
                "Content-Type",
                "application/x-protobuf",
                "Content-Encoding",
                "snappy",
                "X-Prometheus-Remote-Write-Version",
                "0.1.0");
    }

    @Override
    public boolean isRetried(int status) {
        return status == 429 || status >= 500;
    }
}
