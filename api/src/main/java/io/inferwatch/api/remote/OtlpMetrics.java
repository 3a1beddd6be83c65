package io.inferwatch.api.remote;

import io.inferwatch.api.exposition.OtlpMetricsBody;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** OTLP over HTTP: JSON in gzip. */
public final class OtlpMetrics implements Protocol {
    /** What the specification calls retryable; every other refusal is for good. */
    private static final Set<Integer> RETRIED = Set.of(429, 502, 503, 504);

    private final OtlpMetricsBody body;

    /** @param startedAt since when counters count */
    public OtlpMetrics(Instant startedAt) {
        this.body = new OtlpMetricsBody(startedAt);
    }

    @Override
    public String name() {
        return "OTLP export";
    }

    @Override
    public List<byte[]> bodies(MetricSnapshots snapshots, Instant now) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(body.of(snapshots, now));
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes every byte", e);
        }
        return List.of(packed.toByteArray());
    }

    @Override
    public Map<String, String> headers() {
        return Map.of("Content-Type", "application/json", "Content-Encoding", "gzip");
    }

    @Override
    public boolean isRetried(int status) {
        return RETRIED.contains(status);
    }
}
