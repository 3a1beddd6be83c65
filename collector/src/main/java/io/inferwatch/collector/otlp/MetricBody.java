package io.inferwatch.collector.otlp;

import io.inferwatch.collector.BucketedMeasurement;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricKind;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.otlp.MetricData.Temporality;
import io.inferwatch.collector.scrape.BucketDelta;
import io.inferwatch.collector.scrape.page.BucketSeries;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes measurements of one body. What it finds out stands in the history once that is committed. Used by one thread. */
final class MetricBody {
    /** Spans of the same service are exact: with them in one series, neither could be told from the other. */
    private static final LabelSet OF_METRICS = LabelSet.of("signal", "metrics");

    private static final long MOST_AHEAD_MILLIS = 60_000;
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** Points of one body that are levels of one series. */
    private record Level(Metric metric, LabelSet labels, long epochMillis) {}

    /** One thing that one sender tells of, under whatever names. */
    private record Told(Map<String, Object> resource, Metric metric, MetricNames.Side side) {}

    private record Understood(MetricData data, MetricPoint point, MetricNames.Meaning meaning) {}

    private final long maxLatenessMillis;
    private final long nowEpochMillis;
    private final PointHistory history;
    private final MetricReports reports;
    private final IdHash high;
    private final IdHash low;
    private final List<Measurement> made = new ArrayList<>();
    private final Map<Level, Double> levels = new LinkedHashMap<>();
    private final Map<String, Long> rejected = new TreeMap<>();
    private final Map<String, MetricReports.Heard> heard = new LinkedHashMap<>();
    private String message = "";
    private long taken;
    private int firstSights;
    private long buckets;

    MetricBody(
            Duration maxLateness,
            long nowEpochMillis,
            PointHistory history,
            MetricReports reports,
            IdHash high,
            IdHash low) {
        this.maxLatenessMillis = maxLateness.toMillis();
        this.nowEpochMillis = nowEpochMillis;
        this.history = history;
        this.reports = reports;
        this.high = high;
        this.low = low;
    }

    void read(List<MetricData> metrics) {
        List<Understood> understood = new ArrayList<>();
        Map<Told, Integer> newest = new HashMap<>();
        for (MetricData data : metrics) {
            MetricReports.Heard sender = heard.computeIfAbsent(serverOf(data), name -> new MetricReports.Heard());
            if (!MetricNames.isKnown(data.name())) {
                sender.ignored().add(data.name());
            }
            for (MetricPoint point : data.points()) {
                if (!point.isEmpty()) {
                    understand(data, point).ifPresent(each -> {
                        understood.add(each);
                        newest.merge(told(each), each.meaning.age(), Math::min);
                    });
                }
            }
        }
        for (Understood each : understood) {
            int age = Math.min(newest.getOrDefault(told(each), 0), reports.newest(serverOf(each.data), each.meaning));
            if (each.meaning.age() > age) {
                sender(each).notTaken().put(each.data.name(), "another name for what is taken already");
            } else {
                take(each);
            }
        }
        levels.forEach((level, value) -> made.add(sample(level.metric, level.labels, value, level.epochMillis)));
    }

    private static Told told(Understood each) {
        return new Told(each.data.resource(), each.meaning.metric(), each.meaning.side());
    }

    private MetricReports.Heard sender(Understood each) {
        return heard.computeIfAbsent(serverOf(each.data), name -> new MetricReports.Heard());
    }

    private Optional<Understood> understand(MetricData data, MetricPoint point) {
        try {
            Optional<MetricNames.Meaning> meaning = MetricNames.meaning(data, point);
            if (meaning.isPresent()) {
                check(data, point);
            }
            return meaning.map(found -> new Understood(data, point, found));
        } catch (MalformedOtlpException e) {
            reject("malformed", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private void check(MetricData data, MetricPoint point) throws MalformedOtlpException {
        if (MetricPoint.hasTooMany(point.attributes) || MetricPoint.hasTooMany(data.resource())) {
            throw new MalformedOtlpException(data.name() + " has more than 64 attributes");
        }
        if (point.timeNanos <= 0 || point.startNanos < 0 || point.startNanos > point.timeNanos) {
            throw new MalformedOtlpException(data.name() + " lacks its time, or starts after it");
        }
        boolean isSum = data.kind() == MetricData.Kind.SUM;
        if ((data.isHistogram() || isSum) && data.temporality() == Temporality.UNSPECIFIED) {
            throw new MalformedOtlpException(data.name() + " says neither delta nor cumulative");
        }
        if (!data.isHistogram() && !Double.isFinite(point.value)) {
            throw new MalformedOtlpException(data.name() + " has no finite value");
        }
    }

    private void reject(String reason, String why) {
        rejected.merge(reason, 1L, Long::sum);
        message = message.isEmpty() ? why : message;
    }

    private void take(Understood each) {
        long lateMillis = nowEpochMillis - each.point.timeNanos / NANOS_PER_MILLI;
        if (lateMillis > maxLatenessMillis) {
            reject(
                    "late",
                    each.data.name() + " is of " + lateMillis / 1_000 + " s ago; send it within "
                            + maxLatenessMillis / 1_000 + " s (collector.max_lateness)");
            return;
        }
        if (-lateMillis > MOST_AHEAD_MILLIS) {
            reject("ahead", each.data.name() + " is more than 60 s ahead of this host; set the sender's clock right");
            return;
        }
        try {
            if (each.data.isHistogram()) {
                histogram(each);
            } else if (each.meaning.metric().kind() == MetricKind.GAUGE) {
                level(each);
            } else {
                counter(each);
            }
        } catch (MalformedOtlpException e) {
            reject("malformed", String.valueOf(e.getMessage()));
            return;
        }
        sender(each).understood(each.meaning, each.data.name());
    }

    private void histogram(Understood each) throws MalformedOtlpException {
        BucketSeries series = PointBuckets.of(each.data, each.point);
        buckets += series.cumulative().length;
        PointHistory.Stream stream = stream(each);
        @Nullable BucketDelta added;
        if (each.data.temporality() == Temporality.DELTA) {
            boolean isNew = history.isNewDelta(stream, each.point, told(each, sender(each)));
            added = isNew ? BucketDelta.between(null, series, false, false) : null;
        } else {
            added = history.cumulative(stream, each.point, series, told(each, sender(each)));
        }
        taken++;
        if (added != null && added.count() > 0) {
            Metric metric = each.meaning.metric();
            made.add(new BucketedMeasurement(
                    metric,
                    labels(each).plus(OF_METRICS),
                    epochMillis(each),
                    added.scaled(each.meaning.unitsPerUnit() * metric.unit().stepsPerUnit())));
        }
    }

    private Consumer<PointHistory.Event> told(Understood each, MetricReports.Heard sender) {
        return event -> {
            firstSights += event == PointHistory.Event.FIRST_SIGHT ? 1 : 0;
            sender.events().merge(event, 1L, Long::sum);
            if (event == PointHistory.Event.FIRST_SIGHT && message.isEmpty()) {
                message = each.data.name() + " began to count before this sidecar: it is taken from the next point on";
            }
        };
    }

    /** Levels that add up do so here already, over the ranks and processes of a server. */
    private void level(Understood each) throws MalformedOtlpException {
        boolean isLevel = each.data.kind() == MetricData.Kind.GAUGE
                || (each.data.kind() == MetricData.Kind.SUM && each.data.temporality() == Temporality.CUMULATIVE);
        if (!isLevel) {
            throw new MalformedOtlpException(each.data.name() + " is no level; send it as a gauge or a cumulative sum");
        }
        taken++;
        if (each.point.value < 0 || !history.isNews(stream(each), each.point, told(each, sender(each)))) {
            return;
        }
        Metric metric = each.meaning.metric();
        if (metric.addsUp()) {
            levels.merge(new Level(metric, labels(each), epochMillis(each)), each.point.value, Double::sum);
        } else {
            made.add(sample(metric, labels(each), each.point.value, epochMillis(each)));
        }
    }

    private void counter(Understood each) throws MalformedOtlpException {
        if (each.data.kind() != MetricData.Kind.SUM || !each.data.isMonotonic() || each.point.value < 0) {
            throw new MalformedOtlpException(each.data.name() + " is no counter; send it as a monotonic sum");
        }
        PointHistory.Stream stream = stream(each);
        double grown;
        if (each.data.temporality() == Temporality.DELTA) {
            boolean isNew = history.isNewDelta(stream, each.point, told(each, sender(each)));
            grown = isNew ? each.point.value : Double.NaN;
        } else {
            grown = history.cumulative(stream, each.point, told(each, sender(each)));
        }
        taken++;
        if (grown >= 0) {
            made.add(sample(each.meaning.metric(), labels(each), grown, epochMillis(each)));
        }
    }

    private static SampleMeasurement sample(Metric metric, LabelSet labels, double value, long epochMillis) {
        double scaled = Math.min(
                value * metric.unit().stepsPerUnit(), (double) metric.unit().highestScaled());
        return new SampleMeasurement(
                metric, labels, Math.round(scaled), OptionalLong.of(epochMillis), SampleMeasurement.Origin.UNKNOWN);
    }

    private long epochMillis(Understood each) {
        return Math.min(each.point.timeNanos / NANOS_PER_MILLI, nowEpochMillis);
    }

    private static LabelSet labels(Understood each) {
        Map<String, String> labels = new HashMap<>(each.meaning.labels());
        labels.put("observer", each.meaning.side().observer());
        String server = serverOf(each.data);
        if (each.meaning.side() == MetricNames.Side.SERVER && !server.isEmpty()) {
            labels.put("server", server);
        }
        return LabelSet.of(labels);
    }

    /** An SDK that was told no name makes one up, which tells nothing. */
    static String serverOf(MetricData data) {
        return data.resource().get(Attributes.SERVICE) instanceof String name && !name.startsWith("unknown_service")
                ? name
                : "";
    }

    /** All that tells a stream from others, by the data model of OTLP: resource, scope, name, unit, kind, attributes. */
    private PointHistory.Stream stream(Understood each) {
        MetricData data = each.data;
        StringBuilder identity = new StringBuilder(256)
                .append(data.name())
                .append('\0')
                .append(data.unit())
                .append('\0')
                .append(data.kind())
                .append('\0')
                .append(data.scope());
        new TreeMap<>(data.resource()).forEach((key, value) -> append(identity, key, value));
        identity.append('\1');
        new TreeMap<>(each.point.attributes).forEach((key, value) -> append(identity, key, value));
        String whole = identity.toString();
        return new PointHistory.Stream(high.of(whole, 0), low.of(whole, 0));
    }

    private static void append(StringBuilder identity, String key, Object value) {
        identity.append('\0').append(key).append('\0').append(value);
    }

    List<Measurement> made() {
        return made;
    }

    long taken() {
        return taken;
    }

    long buckets() {
        return buckets;
    }

    Map<String, Long> rejected() {
        return rejected;
    }

    long rejectedPoints() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Why points were rejected; with none rejected, what a sender should know. */
    String message() {
        return message;
    }

    Map<String, MetricReports.Heard> heard() {
        return heard;
    }
}
