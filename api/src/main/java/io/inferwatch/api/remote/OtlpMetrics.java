package io.inferwatch.api.remote;

import io.inferwatch.api.exposition.OtlpMetricsBody;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.GZIPOutputStream;

/** OTLP over HTTP: JSON in gzip. */
public final class OtlpMetrics implements Protocol {
    /** What the specification calls retryable; every other refusal is for good. */
    private static final Set<Integer> RETRIED = Set.of(429, 502, 503, 504);

    private final OtlpMetricsBody body;

    /**
     * @param startedAt since when counters count
     * @param resource attributes of the sender, by the names of the semantic conventions
     */
    public OtlpMetrics(Instant startedAt, Map<String, String> resource) {
        this.body = new OtlpMetricsBody(startedAt, resource);
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

    /** {@code {"partialSuccess": {"rejectedDataPoints": "3", "errorMessage": "…"}}}; a message alone is a warning. */
    @Override
    public Optional<String> leftOut(String answer) {
        try {
            Map<?, ?> said =
                    ObjectMapper.getDefault().readValue(answer.isBlank() ? "{}" : answer, Argument.of(Map.class));
            if (said != null && said.get("partialSuccess") instanceof Map<?, ?> partial) {
                String points = String.valueOf(partial.get("rejectedDataPoints"));
                return points.matches("[1-9]\\d*")
                        ? Optional.of(points + " data points: " + partial.get("errorMessage"))
                        : Optional.empty();
            }
        } catch (IOException e) {
            // No JSON: a receiver that took all of it may answer anything.
        }
        return Optional.empty();
    }
}
