package io.inferwatch.api.exposition;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBucket;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code WriteRequest} messages of Prometheus's remote write 1.0 (prompb/remote.proto and types.proto), not compressed. It
 * remembers the series of the time before, so that one that is gone gets the stale marker which the protocol asks for. One
 * thread.
 */
public final class RemoteWriteBody {
    /** Of a sample that says: this series has ended (prometheus/model/value, StaleNaN). */
    private static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

    private static final int SERIES_PER_BODY = 2_000;

    /** Which kind of sample a series has. */
    private enum Kind {
        FLOAT,
        HISTOGRAM
    }

    private Map<Map<String, String>, Kind> before = new HashMap<>();
    private Map<Map<String, String>, Kind> now = new HashMap<>();
    private List<byte[]> bodies = new ArrayList<>();
    private ProtobufWriter body = new ProtobufWriter();
    private int inBody;

    /** @return messages of at most 2,000 series, in the order they are to be sent */
    public List<byte[]> of(MetricSnapshots snapshots, long epochMillis) {
        now = new HashMap<>();
        bodies = new ArrayList<>();
        for (MetricSnapshot snapshot : snapshots) {
            String name = snapshot.getMetadata().getPrometheusName();
            snapshot.getDataPoints().forEach(point -> add(name, point, epochMillis));
        }
        before.forEach((labels, kind) -> {
            if (!now.containsKey(labels)) {
                series(labels, kind == Kind.FLOAT ? sample(STALE, epochMillis) : staleHistogram(epochMillis), kind);
            }
        });
        before = now;
        endBody();
        return bodies;
    }

    private void add(String name, DataPointSnapshot point, long epochMillis) {
        switch (point) {
            case GaugeDataPointSnapshot gauge -> value(name, point, gauge.getValue(), epochMillis);
            case CounterDataPointSnapshot counter -> value(name + "_total", point, counter.getValue(), epochMillis);
            case HistogramDataPointSnapshot histogram
            when histogram.hasNativeHistogramData() ->
                tell(labels(name, point), nativeHistogram(histogram, epochMillis), Kind.HISTOGRAM);
            case HistogramDataPointSnapshot histogram -> classic(name, histogram, epochMillis);
            default -> throw new IllegalArgumentException("remote write: no form for " + point.getClass());
        }
    }

    private void classic(String name, HistogramDataPointSnapshot point, long epochMillis) {
        long below = 0;
        for (ClassicHistogramBucket bucket : point.getClassicBuckets()) {
            below += bucket.getCount();
            Map<String, String> labels = labels(name + "_bucket", point);
            labels.put("le", bound(bucket.getUpperBound()));
            tell(labels, sample((double) below, epochMillis), Kind.FLOAT);
        }
        value(name + "_count", point, (double) point.getCount(), epochMillis);
        value(name + "_sum", point, point.getSum(), epochMillis);
    }

    private static String bound(double upper) {
        return upper == Double.POSITIVE_INFINITY ? "+Inf" : Double.toString(upper);
    }

    private void value(String name, DataPointSnapshot point, double value, long epochMillis) {
        tell(labels(name, point), sample(value, epochMillis), Kind.FLOAT);
    }

    /** By name, as the protocol wants them. */
    private static Map<String, String> labels(String name, DataPointSnapshot point) {
        Map<String, String> labels = new TreeMap<>();
        for (Label label : point.getLabels()) {
            if (!label.getValue().isEmpty()) {
                labels.put(label.getName(), label.getValue());
            }
        }
        labels.put("__name__", name);
        return labels;
    }

    private void tell(Map<String, String> labels, ProtobufWriter sample, Kind kind) {
        if (now.putIfAbsent(labels, kind) == null) {
            series(labels, sample, kind);
        }
    }

    private void series(Map<String, String> labels, ProtobufWriter sample, Kind kind) {
        ProtobufWriter series = new ProtobufWriter();
        labels.forEach((name, value) ->
                series.message(1, new ProtobufWriter().text(1, name).text(2, value)));
        series.message(kind == Kind.FLOAT ? 2 : 4, sample);
        body.message(1, series);
        if (++inBody == SERIES_PER_BODY) {
            endBody();
        }
    }

    private void endBody() {
        if (inBody > 0) {
            bodies.add(body.toBytes());
            body = new ProtobufWriter();
            inBody = 0;
        }
    }

    private static ProtobufWriter sample(double value, long epochMillis) {
        return new ProtobufWriter().number(1, value).varint(2, epochMillis);
    }

    private static ProtobufWriter staleHistogram(long epochMillis) {
        return new ProtobufWriter().number(3, STALE).varint(15, epochMillis);
    }

    private static ProtobufWriter nativeHistogram(HistogramDataPointSnapshot point, long epochMillis) {
        ProtobufWriter histogram = new ProtobufWriter()
                .varint(1, point.getCount())
                .number(3, point.getSum())
                .zigzag(4, point.getNativeSchema())
                .number(5, point.getNativeZeroThreshold())
                .varint(6, point.getNativeZeroCount());
        NativeSpans negative = NativeSpans.of(point.getNativeBucketsForNegativeValues());
        negative.writeSpans(histogram, 8);
        histogram.packedZigzags(9, negative.deltas());
        NativeSpans positive = NativeSpans.of(point.getNativeBucketsForPositiveValues());
        positive.writeSpans(histogram, 11);
        histogram.packedZigzags(12, positive.deltas());
        return histogram.varint(15, epochMillis);
    }
}
