package io.inferwatch.api.exposition;

import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Label;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;

/**
 * The exposition format of protobuf: {@code MetricFamily} messages of {@code io.prometheus.client} (metrics.proto of
 * prometheus/client_model), each after its length. The one format in which a scrape can carry native histograms. Pure.
 */
public final class PrometheusProtobuf {
    /** What is negotiated for, and answered. */
    public static final String CONTENT_TYPE =
            "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static final int COUNTER = 0;
    private static final int GAUGE = 1;
    private static final int HISTOGRAM = 4;

    private PrometheusProtobuf() {}

    /** @param snapshots counters, gauges and histograms */
    public static byte[] write(MetricSnapshots snapshots) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (MetricSnapshot snapshot : snapshots) {
            if (snapshot.getDataPoints().isEmpty()) {
                continue;
            }
            byte[] family = family(snapshot).toBytes();
            ProtobufWriter length = new ProtobufWriter();
            length.raw(family.length);
            out.writeBytes(length.toBytes());
            out.writeBytes(family);
        }
        return out.toByteArray();
    }

    private static ProtobufWriter family(MetricSnapshot snapshot) {
        DataPointSnapshot first = snapshot.getDataPoints().getFirst();
        boolean isCounter = first instanceof CounterDataPointSnapshot;
        int type = isCounter ? COUNTER : first instanceof GaugeDataPointSnapshot ? GAUGE : HISTOGRAM;
        ProtobufWriter family =
                new ProtobufWriter().text(1, snapshot.getMetadata().getPrometheusName() + (isCounter ? "_total" : ""));
        String help = snapshot.getMetadata().getHelp();
        if (help != null) {
            family.text(2, help);
        }
        family.varint(3, type);
        snapshot.getDataPoints().forEach(point -> family.message(4, metric(point)));
        return family;
    }

    private static ProtobufWriter metric(DataPointSnapshot point) {
        ProtobufWriter metric = new ProtobufWriter();
        for (Label label : point.getLabels()) {
            metric.message(1, new ProtobufWriter().text(1, label.getName()).text(2, label.getValue()));
        }
        switch (point) {
            case GaugeDataPointSnapshot gauge -> metric.message(2, new ProtobufWriter().number(1, gauge.getValue()));
            case CounterDataPointSnapshot counter ->
                metric.message(3, new ProtobufWriter().number(1, counter.getValue()));
            case HistogramDataPointSnapshot histogram -> metric.message(7, histogram(histogram));
            default -> throw new IllegalArgumentException("protobuf exposition: no form for " + point.getClass());
        }
        return metric;
    }

    private static ProtobufWriter histogram(HistogramDataPointSnapshot point) {
        ProtobufWriter histogram =
                new ProtobufWriter().varint(1, point.getCount()).number(2, point.getSum());
        if (!point.hasNativeHistogramData()) {
            return histogram;
        }
        histogram
                .zigzag(5, point.getNativeSchema())
                .number(6, point.getNativeZeroThreshold())
                .varint(7, point.getNativeZeroCount());
        NativeSpans negative = NativeSpans.of(point.getNativeBucketsForNegativeValues());
        negative.writeSpans(histogram, 9);
        for (long delta : negative.deltas()) {
            histogram.zigzag(10, delta);
        }
        NativeSpans positive = NativeSpans.of(point.getNativeBucketsForPositiveValues());
        positive.writeSpans(histogram, 12);
        for (long delta : positive.deltas()) {
            histogram.zigzag(13, delta);
        }
        if (positive.isEmpty() && negative.isEmpty() && point.getNativeZeroCount() == 0) {
            // Says that it is native although it is empty.
            histogram.message(12, new ProtobufWriter());
        }
        return histogram;
    }
}
