package io.inferwatch.collector.otlp;

import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.MeasurementBatch;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What {@code POST /v1/traces} does with a body: spans that are calls of a model become requests, all in one journal record;
 * others are passed over. A call that two spans tell of is one request: of a span and its parent in one body the child is
 * taken, and of spans with the same response id, in whatever bodies, the first. Any thread.
 */
public final class TraceIntake {
    /** Batches of exporters hold some hundred spans; prompts make them long. */
    static final int MOST_BODY_BYTES = 16 << 20;

    static final int MOST_CALLS = 10_000;
    private static final long MOST_AHEAD_MILLIS = 60_000;

    private final Collector collector;
    private final SpanRequest mapping;
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong rejected = new AtomicLong();
    private volatile String lastRejection = "";

    /**
     * Counted since the start, in requests.
     *
     * @param duplicates told of before, by another span or the same one sent again
     */
    public record Stats(long accepted, long duplicates, long rejected) {}

    /** @param key hashes the names of users and sessions before anything is kept */
    public TraceIntake(Collector collector, IdentityKey key) {
        this.collector = collector;
        this.mapping = new SpanRequest(new IdentityHash(collector.config().identity(), key));
    }

    public Stats stats() {
        return new Stats(accepted.get(), duplicates.get(), rejected.get());
    }

    /** Why the last call that was rejected was; empty where none was. Any thread. */
    public String lastRejection() {
        return lastRejection;
    }

    /**
     * Takes a body: read and checked as a whole first, then journalled as one record, or not at all.
     *
     * @param body decompressed; read to its end or to 16 MiB
     * @throws IOException when the body cannot be read on; nothing of it was kept
     */
    public OtlpOutcome accept(InputStream body, OtlpFormat format) throws IOException {
        if (collector.isOverloaded()) {
            return new OtlpOutcome.Busy(Duration.ofSeconds(1));
        }
        byte[] bytes = body.readNBytes(MOST_BODY_BYTES + 1);
        if (bytes.length > MOST_BODY_BYTES) {
            return new OtlpOutcome.TooLarge("more than " + MOST_BODY_BYTES + " bytes; send smaller batches");
        }
        List<Span> calls = new ArrayList<>();
        SpanSink sink = span -> {
            if (SpanRequest.isCall(span)) {
                calls.add(span);
            }
        };
        try {
            switch (format) {
                case JSON -> JsonTraces.read(bytes, sink);
                case PROTOBUF -> ProtobufTraces.read(bytes, sink);
            }
        } catch (MalformedOtlpException e) {
            return new OtlpOutcome.Malformed(String.valueOf(e.getMessage()));
        }
        if (calls.size() > MOST_CALLS) {
            return new OtlpOutcome.TooLarge("more than " + MOST_CALLS + " model calls; send smaller batches");
        }
        return journalled(calls);
    }

    private OtlpOutcome journalled(List<Span> calls) {
        long nowEpochMillis = collector.nowEpochMillis();
        MeasurementBatch batch = collector.newBatch().clear(nowEpochMillis, false);
        Set<String> parents = new HashSet<>();
        calls.forEach(span -> parents.add(span.traceId + ":" + span.parentId));
        long bad = 0;
        String why = "";
        for (Span span : calls) {
            if (parents.contains(span.traceId + ":" + span.spanId)) {
                continue;
            }
            Optional<String> fault = fault(span, nowEpochMillis);
            Optional<RequestMeasurement.Builder> request = fault.isPresent() ? Optional.empty() : mapping.of(span);
            if (request.isPresent()) {
                batch.add(placed(request.get(), nowEpochMillis).build());
            } else {
                bad++;
                why = why.isEmpty() ? fault.orElse("a model call names no model; set gen_ai.request.model") : why;
            }
        }
        return answered(collector.append(batch), bad, why);
    }

    private OtlpOutcome answered(BatchOutcome outcome, long bad, String why) {
        return switch (outcome) {
            case BatchOutcome.Taken taken -> {
                accepted.addAndGet(taken.accepted());
                duplicates.addAndGet(taken.duplicates());
                rejected.addAndGet(bad);
                lastRejection = bad > 0 ? why : lastRejection;
                yield new OtlpOutcome.Accepted(bad, why);
            }
            case BatchOutcome.Busy busy -> new OtlpOutcome.Busy(busy.retryAfter());
            case BatchOutcome.Failed failed -> new OtlpOutcome.Unavailable(failed.reason(), failed.retryAfter());
        };
    }

    private static RequestMeasurement.Builder placed(RequestMeasurement.Builder request, long nowEpochMillis) {
        return request.ownEpochMillis().orElse(0) > nowEpochMillis ? request.placedAtArrival() : request;
    }

    private Optional<String> fault(Span span, long nowEpochMillis) {
        long lateMillis = nowEpochMillis - span.endNanos / 1_000_000;
        if (span.traceId.isEmpty()
                || span.spanId.isEmpty()
                || span.startNanos <= 0
                || span.endNanos < span.startNanos) {
            return Optional.of("a model call lacks its ids or its times, or ends before it starts");
        }
        if (lateMillis > collector.config().maxLateness().toMillis()) {
            return Optional.of("a model call ended " + lateMillis / 1_000 + " s ago; send it within "
                    + collector.config().maxLateness().toSeconds() + " s (collector.max_lateness)");
        }
        return -lateMillis > MOST_AHEAD_MILLIS
                ? Optional.of("a model call ended more than 60 s ahead of this host; set the sender's clock right")
                : Optional.empty();
    }
}
