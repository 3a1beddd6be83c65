package io.inferwatch.collector.otlp;

import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.MeasurementBatch;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.scrape.SourceReport;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@code POST /v1/metrics} does with a body: metrics of calls of a model become measurements, all in one journal record;
 * others are passed over. Histograms keep their bounds and are answered as brackets, as those of a scraped page are. Of
 * several names for one thing that one sender uses, the newest is taken. Any thread.
 */
public final class MetricIntake {
    /** Metrics and points that are held at once. */
    static final int MOST_HELD = 20_000;

    /** A point of an exporter has some twenty buckets, or up to 160. */
    static final int MOST_BUCKETS = 200_000;

    private final Collector collector;
    private final IdHash high = IdHash.withRandomKey();
    private final IdHash low = IdHash.withRandomKey();
    private final Object lock = new Object();
    private final PointHistory history;
    private final MetricReports reports = new MetricReports();
    private final Map<String, Long> rejected = new TreeMap<>();
    private long accepted;
    private String lastRejection = "";

    /**
     * Counted since the start, in points.
     *
     * @param rejected by reason
     * @param events what happened to streams of points, by name in small letters
     */
    public record Stats(long accepted, Map<String, Long> rejected, Map<String, Long> events) {}

    /** From now on it listens: what began to count later is counted from its start. */
    public MetricIntake(Collector collector) {
        this.collector = collector;
        this.history = new PointHistory(collector.nowEpochMillis() * 1_000_000);
    }

    public Stats stats() {
        synchronized (lock) {
            Map<String, Long> events = new TreeMap<>();
            history.counts().forEach((event, count) -> events.put(event.name().toLowerCase(Locale.ROOT), count));
            return new Stats(accepted, Map.copyOf(rejected), events);
        }
    }

    /** Why the last points that were rejected were; empty where none were. */
    public String lastRejection() {
        synchronized (lock) {
            return lastRejection;
        }
    }

    /** Who sends metrics, and what is understood of them; in the order in which they were first heard. */
    public List<SourceReport> reports() {
        synchronized (lock) {
            return reports.all();
        }
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
        byte[] bytes = body.readNBytes(TraceIntake.MOST_BODY_BYTES + 1);
        if (bytes.length > TraceIntake.MOST_BODY_BYTES) {
            return new OtlpOutcome.TooLarge(
                    "more than " + TraceIntake.MOST_BODY_BYTES + " bytes; send smaller batches");
        }
        Bounded metrics = new Bounded();
        try {
            switch (format) {
                case JSON -> JsonMetrics.read(bytes, metrics);
                case PROTOBUF -> ProtobufMetrics.read(bytes, metrics);
            }
        } catch (MalformedOtlpException e) {
            return metrics.held > MOST_HELD
                    ? new OtlpOutcome.TooLarge("more than " + MOST_HELD + " metrics and points; send smaller batches")
                    : new OtlpOutcome.Malformed(String.valueOf(e.getMessage()));
        }
        synchronized (lock) {
            return journalled(metrics.all);
        }
    }

    /** What a body holds, as long as it is not too much. */
    private static final class Bounded implements MetricData.Sink {
        final List<MetricData> all = new ArrayList<>();
        int held;

        @Override
        public void take(MetricData metric) {
            all.add(metric);
        }

        @Override
        public void reserve() throws MalformedOtlpException {
            if (++held > MOST_HELD) {
                throw new MalformedOtlpException("too many metrics");
            }
        }
    }

    private OtlpOutcome journalled(List<MetricData> metrics) {
        long nowEpochMillis = collector.nowEpochMillis();
        MetricBody body = new MetricBody(collector.config().maxLateness(), nowEpochMillis, history, reports, high, low);
        body.read(metrics);
        if (body.buckets() > MOST_BUCKETS) {
            history.forget();
            return new OtlpOutcome.TooLarge("more than " + MOST_BUCKETS + " buckets; send smaller batches");
        }
        MeasurementBatch batch = collector.newBatch().clear(nowEpochMillis, false);
        body.made().forEach(batch::add);
        return switch (collector.append(batch)) {
            case BatchOutcome.Taken taken -> {
                history.commit(nowEpochMillis * 1_000_000);
                reports.add(body, nowEpochMillis);
                accepted += body.taken();
                body.rejected().forEach((reason, count) -> rejected.merge(reason, count, Long::sum));
                lastRejection = body.rejectedPoints() > 0 ? body.message() : lastRejection;
                yield new OtlpOutcome.Accepted(body.rejectedPoints(), body.message());
            }
            case BatchOutcome.Busy busy -> {
                history.forget();
                yield new OtlpOutcome.Busy(busy.retryAfter());
            }
            case BatchOutcome.Failed failed -> {
                history.forget();
                yield new OtlpOutcome.Unavailable(failed.reason(), failed.retryAfter());
            }
        };
    }
}
