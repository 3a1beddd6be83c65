package io.inferwatch.api.exposition;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.histograms.SeriesTotals;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.PrometheusNaming;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Every live series in Prometheus's model: counters, gauges, and events as summaries whose quantiles are exact over the
 * last minutes, or as histograms. Counts and sums run since the start of the process, as a scraper expects. Pure.
 */
public final class Exposition {
    /** A gauge that was not heard of for so long is left out: a flat line would say that it was. */
    private static final Duration STALE_AFTER = Duration.ofMinutes(1);

    /** The quantiles of every event of a metric, by the labels of its series; in the metric's unit. */
    @FunctionalInterface
    public interface RecentQuantiles {
        /** @return rank 0–1 → value; empty when there was no sample lately */
        Map<Double, Double> of(Metric metric, LabelSet labels);
    }

    /** How the events of one metric are told. */
    private interface Events {
        MetricSnapshot of(String name, Metric metric, List<SeriesTotals> series);
    }

    private Exposition() {}

    /**
     * Events as summaries.
     *
     * @param now by the clock of the series
     */
    public static MetricSnapshots of(List<SeriesTotals> series, RecentQuantiles quantiles, Instant now) {
        return of(series, (name, metric, same) -> summary(name, metric, same, quantiles), now);
    }

    /**
     * Events as histograms.
     *
     * @param series with buckets
     */
    public static MetricSnapshots withHistograms(List<SeriesTotals> series, EventHistograms form, Instant now) {
        return of(series, form::of, now);
    }

    private static MetricSnapshots of(List<SeriesTotals> series, Events events, Instant now) {
        Map<String, List<SeriesTotals>> byName = new TreeMap<>();
        for (SeriesTotals one : series) {
            byName.computeIfAbsent(PrometheusName.of(one.metric()).name(), name -> new ArrayList<>())
                    .add(one);
        }
        List<MetricSnapshot> snapshots = new ArrayList<>();
        byName.forEach((name, all) -> {
            Metric metric = all.getFirst().metric();
            all.sort(Comparator.comparing(one -> one.labels().toString()));
            List<SeriesTotals> same = all.stream()
                    .filter(one -> one.metric().kind() == metric.kind())
                    .toList();
            snapshots.add(snapshot(name, metric, same, events, now));
        });
        return new MetricSnapshots(snapshots);
    }

    private static MetricSnapshot snapshot(
            String name, Metric metric, List<SeriesTotals> series, Events events, Instant now) {
        double perUnit = metric.unit().baseUnits();
        return switch (metric.kind()) {
            case COUNTER -> counter(name, metric, series, perUnit);
            case GAUGE -> gauge(name, metric, series, perUnit, now);
            case EVENT -> events.of(name, metric, series);
        };
    }

    private static MetricSnapshot counter(String name, Metric metric, List<SeriesTotals> series, double perUnit) {
        CounterSnapshot.Builder counter = CounterSnapshot.builder()
                .name(withoutTotal(name))
                .help(metric.definition())
                .unit(PrometheusName.unit(metric));
        series.forEach(one -> counter.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                .labels(labels(one.labels()))
                .value(one.sum() * perUnit)
                .build()));
        return counter.build();
    }

    private static String withoutTotal(String name) {
        return name.endsWith("_total") ? name.substring(0, name.length() - "_total".length()) : name;
    }

    private static MetricSnapshot gauge(
            String name, Metric metric, List<SeriesTotals> series, double perUnit, Instant now) {
        GaugeSnapshot.Builder gauge =
                GaugeSnapshot.builder().name(name).help(metric.definition()).unit(PrometheusName.unit(metric));
        series.stream()
                .filter(one -> one.lastAt().plus(STALE_AFTER).isAfter(now))
                .forEach(one -> gauge.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(labels(one.labels()))
                        .value(one.last() * perUnit)
                        .build()));
        return gauge.build();
    }

    private static MetricSnapshot summary(
            String name, Metric metric, List<SeriesTotals> series, RecentQuantiles recent) {
        double perUnit = metric.unit().baseUnits();
        SummarySnapshot.Builder summary =
                SummarySnapshot.builder().name(name).help(metric.definition()).unit(PrometheusName.unit(metric));
        for (SeriesTotals one : series) {
            List<Quantile> quantiles = new ArrayList<>();
            recent.of(metric, one.labels())
                    .forEach((rank, value) -> quantiles.add(new Quantile(rank, value * perUnit)));
            SummarySnapshot.SummaryDataPointSnapshot.Builder point =
                    SummarySnapshot.SummaryDataPointSnapshot.builder().count(one.count());
            point.sum(one.sum() * perUnit);
            summary.dataPoint(point.quantiles(Quantiles.of(quantiles))
                    .labels(labels(one.labels()))
                    .build());
        }
        return summary.build();
    }

    /** A label value is any text; the writer escapes it. Names that Prometheus cannot have are made to fit. */
    static Labels labels(LabelSet labels) {
        Map<String, String> fitting = new TreeMap<>();
        labels.asMap().forEach((name, value) -> fitting.putIfAbsent(PrometheusNaming.sanitizeLabelName(name), value));
        return Labels.of(List.copyOf(fitting.keySet()), List.copyOf(fitting.values()));
    }

    /** Whether quantiles are worth a query. */
    public static boolean hasQuantiles(Metric metric) {
        return metric.kind() == MetricKind.EVENT;
    }
}
