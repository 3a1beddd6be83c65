package io.inferwatch.api.exposition;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.histograms.NativeHistogram;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.NativeHistogramBuckets;
import java.util.ArrayList;
import java.util.List;

/**
 * Events as histograms of Prometheus. A series of which only bucket counts of a server are known has none of its own: it
 * is told by its count and sum. Pure.
 */
public enum EventHistograms {
    /** The buckets as they are: 2.2 % wide, or wider where values lie far apart. */
    NATIVE,
    /** Classic buckets at powers of the root of two, a fixed list a unit: each count is exact at its bound. */
    CLASSIC;

    /** Two bounds a doubling: all of them are bounds of the native buckets too, unless those had to be made wider. */
    private static final int CLASSIC_SCHEMA = 1;
    /** From 1/1024 (about a millisecond) to 4096 (over an hour) of the base unit; what is larger is below +Inf only. */
    private static final int LOWEST_CLASSIC = -20;

    private static final int HIGHEST_CLASSIC = 24;

    MetricSnapshot of(String name, Metric metric, List<SeriesTotals> series) {
        HistogramSnapshot.Builder histogram =
                HistogramSnapshot.builder().name(name).help(metric.definition()).unit(PrometheusName.unit(metric));
        series.forEach(one -> histogram.dataPoint(point(one)));
        return histogram.build();
    }

    private HistogramDataPointSnapshot point(SeriesTotals series) {
        HistogramDataPointSnapshot.Builder point = HistogramDataPointSnapshot.builder();
        point.labels(Exposition.labels(series.labels()));
        point.sum(series.sum() * series.metric().unit().baseUnits());
        if (series.buckets().isEmpty()) {
            point.classicHistogramBuckets(onlyAll(series.count()));
            return point.build();
        }
        NativeHistogram buckets = series.buckets().get();
        if (this == CLASSIC) {
            point.classicHistogramBuckets(classic(buckets));
        } else {
            point.nativeSchema(buckets.schema())
                    .nativeZeroCount(buckets.zeroCount())
                    .nativeBucketsForPositiveValues(used(buckets.positive()))
                    .nativeBucketsForNegativeValues(used(buckets.negative()));
        }
        return point.build();
    }

    private static ClassicHistogramBuckets onlyAll(long count) {
        return ClassicHistogramBuckets.of(List.of(Double.POSITIVE_INFINITY), List.of(count));
    }

    private static NativeHistogramBuckets used(NativeHistogram.Side side) {
        NativeHistogramBuckets.Builder used = NativeHistogramBuckets.builder();
        for (int i = 0; i < side.size(); i++) {
            if (side.count(i) > 0) {
                used.bucket(side.first() + i, side.count(i));
            }
        }
        return used.build();
    }

    /** Negative values and zeros lie below every bound. */
    private static ClassicHistogramBuckets classic(NativeHistogram buckets) {
        int bounds = HIGHEST_CLASSIC - LOWEST_CLASSIC + 1;
        long[] counts = new long[bounds + 1];
        counts[0] = buckets.zeroCount();
        for (int i = 0; i < buckets.negative().size(); i++) {
            counts[0] += buckets.negative().count(i);
        }
        int coarser = buckets.schema() - CLASSIC_SCHEMA;
        for (int i = 0; i < buckets.positive().size(); i++) {
            int index = buckets.positive().first() + i;
            int classic = coarser >= 0 ? Math.ceilDiv(index, 1 << coarser) : index << -coarser;
            counts[Math.clamp(classic - LOWEST_CLASSIC, 0, bounds)] +=
                    buckets.positive().count(i);
        }
        List<Double> upper = new ArrayList<>();
        for (int i = LOWEST_CLASSIC; i <= HIGHEST_CLASSIC; i++) {
            upper.add(NativeHistogram.upperBound(CLASSIC_SCHEMA, i));
        }
        upper.add(Double.POSITIVE_INFINITY);
        List<Long> each = new ArrayList<>();
        for (long count : counts) {
            each.add(count);
        }
        return ClassicHistogramBuckets.of(upper, each);
    }
}
