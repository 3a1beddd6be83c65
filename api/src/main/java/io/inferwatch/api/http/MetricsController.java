package io.inferwatch.api.http;

import io.inferwatch.api.app.Live;
import io.inferwatch.api.app.Parts;
import io.inferwatch.api.exposition.DcgmAliases;
import io.inferwatch.api.exposition.EventHistograms;
import io.inferwatch.api.exposition.Exposition;
import io.inferwatch.api.exposition.ExpositionFormat;
import io.inferwatch.api.exposition.PrometheusProtobuf;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SeriesTotals;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.OpenMetricsTextFormatWriter;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/** What a Prometheus scrapes. */
@Controller("/metrics")
@ExecuteOn(HttpPool.NAME)
final class MetricsController {
    private static final Duration RECENT = Duration.ofMinutes(5);
    private static final List<BigDecimal> PERCENTILES = List.of(
            new BigDecimal("50"),
            new BigDecimal("90"),
            new BigDecimal("95"),
            new BigDecimal("99"),
            new BigDecimal("99.9"));

    private final Live live;

    MetricsController(Live live) {
        this.live = live;
    }

    @Get
    @Produces(MediaType.ALL)
    HttpResponse<byte[]> metrics(HttpRequest<?> request) throws IOException {
        Parts parts = live.parts();
        ExpositionFormat format =
                ExpositionFormat.of(String.join(",", request.getHeaders().getAll(HttpHeaders.ACCEPT)));
        MetricSnapshots own = format == ExpositionFormat.PROTOBUF ? withHistograms(parts) : withQuantiles(parts);
        MetricSnapshots all = Flags.isSet(request, "dcgm") ? withDcgm(own, parts) : own;
        return switch (format) {
            case TEXT -> answer(PrometheusTextFormatWriter.create(), all);
            case OPEN_METRICS -> answer(OpenMetricsTextFormatWriter.create(), all);
            case PROTOBUF ->
                HttpResponse.ok(PrometheusProtobuf.write(all)).contentType(PrometheusProtobuf.CONTENT_TYPE);
        };
    }

    private static HttpResponse<byte[]> answer(ExpositionFormatWriter writer, MetricSnapshots all) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writer.write(out, all);
        return HttpResponse.ok(out.toByteArray()).contentType(writer.getContentType());
    }

    private static MetricSnapshots withHistograms(Parts parts) {
        return Exposition.withHistograms(
                parts.telemetry().totalsWithBuckets(),
                EventHistograms.NATIVE,
                parts.clock().instant());
    }

    private static MetricSnapshots withQuantiles(Parts parts) {
        Instant now = parts.clock().instant();
        List<SeriesTotals> series = parts.telemetry().totals();
        Map<Metric, Map<LabelSet, Map<Double, Double>>> quantiles = quantiles(parts, series, now);
        return Exposition.of(
                series,
                (metric, labels) -> quantiles.getOrDefault(metric, Map.of()).getOrDefault(labels, Map.of()),
                now);
    }

    private static MetricSnapshots withDcgm(MetricSnapshots own, Parts parts) {
        MetricSnapshots aliases =
                DcgmAliases.of(parts.gpus().fleet().gpus(), parts.telemetry().totals());
        return new MetricSnapshots(Stream.concat(own.stream(), aliases.stream()).toList());
    }

    /** One query a metric, grouped by every label its series carry. */
    private static Map<Metric, Map<LabelSet, Map<Double, Double>>> quantiles(
            Parts parts, List<SeriesTotals> series, Instant now) {
        Map<Metric, TreeSet<String>> labelsOf = new HashMap<>();
        for (SeriesTotals one : series) {
            if (Exposition.hasQuantiles(one.metric())) {
                labelsOf.computeIfAbsent(one.metric(), metric -> new TreeSet<>())
                        .addAll(one.labels().names());
            }
        }
        Map<Metric, Map<LabelSet, Map<Double, Double>>> all = new HashMap<>();
        labelsOf.forEach((metric, labels) -> all.put(metric, quantiles(parts, metric, List.copyOf(labels), now)));
        return all;
    }

    private static Map<LabelSet, Map<Double, Double>> quantiles(
            Parts parts, Metric metric, List<String> labels, Instant now) {
        Selection every = new Selection(metric, List.of(), labels, Across.DEFAULT, Optional.empty());
        Answer<Answer.Percentiles> answer =
                parts.queries().percentiles(every, PERCENTILES, QueryRange.whole(now.minus(RECENT), now));
        Map<LabelSet, Map<Double, Double>> byLabels = new HashMap<>();
        for (Answer.Group<Answer.Percentiles> group : answer.groups()) {
            if (group.provenance() instanceof Provenance.Bucketed) {
                // One number a quantile is all this format has, and a bracket is none.
                continue;
            }
            Map<Double, Double> ranks = new TreeMap<>();
            List<Bracket> values = group.points().getFirst().value().values();
            for (int i = 0; i < values.size(); i++) {
                ranks.put(
                        PERCENTILES.get(i).movePointLeft(2).doubleValue(),
                        values.get(i).estimate());
            }
            byLabels.put(group.labels(), ranks);
        }
        return byLabels;
    }
}
