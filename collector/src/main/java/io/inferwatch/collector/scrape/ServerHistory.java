package io.inferwatch.collector.scrape;

import io.inferwatch.collector.BucketedMeasurement;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.SourceGap;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.scrape.page.BucketSeries;
import io.inferwatch.collector.scrape.page.Page;
import io.inferwatch.collector.scrape.page.ScalarSeries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Makes measurements of one reading and the one before. What a server counted before it was first read is nobody's news;
 * what it counts from a new start is all new. A reading whose measurements could not be kept is as if it had not been: the
 * next one tells of both. Used by one thread.
 */
final class ServerHistory {
    private static final Metric SERVER_UP = MetricCatalogue.require("server.up");
    private static final Metric CONSISTENT = MetricCatalogue.require("server.telemetry.consistent");
    private static final Metric SERVER_UPTIME = MetricCatalogue.require("server.uptime");

    /** One histogram's news. */
    private record Added(Taken taken, BucketSeries series, BucketDelta delta) {}

    private final String source;
    private final ServerLabels labels;
    private @Nullable Levels kept;
    private @Nullable Levels offered;
    private boolean isReset;
    private long repairs;

    /** @param server its name in the configuration */
    ServerHistory(String server) {
        this.source = "scrape/" + server;
        this.labels = new ServerLabels(server);
    }

    /** The measurements of a page, {@code server.up} included; {@link #commit} once they are kept. */
    List<Measurement> read(Page page, List<Taken> taken, long epochMillis, Checks checks) {
        Levels now = new Levels(epochMillis, page.processStartEpochSeconds());
        offered = now;
        isReset = false;
        Levels before = kept;
        boolean isTooLongAgo = before != null && epochMillis - before.epochMillis() > Levels.LONGEST_SPAN_MILLIS;
        List<Measurement> made = new ArrayList<>();
        List<Added> added = new ArrayList<>();
        Map<MetricAndLabels, Double> levels = new LinkedHashMap<>();
        for (Taken each : taken) {
            now.add(each);
            repairs +=
                    each.histograms().stream().mapToLong(BucketSeries::repairs).sum();
            switch (each.row().form()) {
                case HISTOGRAM_SECONDS, HISTOGRAM_MILLIS, HISTOGRAM_COUNT -> added.addAll(histograms(each, now));
                case SUM_OF_HISTOGRAM -> sums(each, now, made);
                case COUNTER, OUTCOMES -> counters(each, now, made, checks);
                case GAUGE -> gauges(each, epochMillis, made, levels);
            }
        }
        levels.forEach((series, level) -> made.add(sample(series.metric, series.labels, level, 1, epochMillis)));
        for (Added each : withoutSingleTokens(added)) {
            checks.added(each.taken.row().metric(), each.delta.count());
            bucketed(each, epochMillis, made);
        }
        uptime(page, epochMillis, made);
        for (Checks.Finding finding : checks.findings()) {
            if (finding.isDoubt()) {
                LabelSet checked = labels.server().plus(LabelSet.of("check", finding.check()));
                made.add(sample(CONSISTENT, checked, finding.holds() ? 1 : 0, 1, epochMillis));
            }
        }
        made.add(up(true, epochMillis));
        gap(before, isTooLongAgo, epochMillis, made);
        if (before != null) {
            now.keepMissingOf(before);
        }
        return made;
    }

    private record MetricAndLabels(Metric metric, LabelSet labels) {}

    /** What was read last is what the next reading is told apart from. */
    void commit() {
        kept = offered;
    }

    /** Counts that fell without a new start, since the sidecar's own. */
    long repairs() {
        return repairs;
    }

    Measurement up(boolean isUp, long epochMillis) {
        return sample(SERVER_UP, labels.server(), isUp ? 1 : 0, 1, epochMillis);
    }

    private void gap(@Nullable Levels before, boolean isTooLongAgo, long epochMillis, List<Measurement> made) {
        if (before != null && (isReset || isTooLongAgo)) {
            String cause = isReset
                    ? "the server began to count anew; what it counted between the reading before and its end is lost"
                    : "the server was not read; what it counted meanwhile is left out";
            made.add(new SourceGap(
                    source, Instant.ofEpochMilli(before.epochMillis()), Instant.ofEpochMilli(epochMillis), cause));
        }
    }

    /** Absent: what is on the page now is a first sight, to tell the next one apart from. */
    private @Nullable Levels comparable(Levels now) {
        Levels before = kept;
        if (before == null) {
            return null;
        }
        boolean isRecent = now.epochMillis() - before.epochMillis() <= Levels.LONGEST_SPAN_MILLIS;
        return isRecent || !now.isSameProcess(before) ? before : null;
    }

    private List<Added> histograms(Taken taken, Levels now) {
        Levels before = comparable(now);
        List<Added> added = new ArrayList<>();
        if (before == null) {
            return added;
        }
        for (BucketSeries series : taken.histograms()) {
            Levels.Seen<BucketSeries> seen = before.histogram(taken.family(), series);
            BucketSeries earlier = seen == null ? null : seen.series();
            boolean isOther = isOther(before, now, earlier, series);
            if (seen != null && seen.isTooLongBefore(now) && !isOther) {
                continue;
            }
            BucketDelta delta = BucketDelta.between(earlier, series, isOther, isSame(before, now, earlier, series));
            isReset |= delta.isReset();
            repairs += delta.repairs();
            if (delta.count() > 0) {
                added.add(new Added(taken, series, delta));
            }
        }
        return added;
    }

    private static boolean isOther(Levels before, Levels now, @Nullable BucketSeries earlier, BucketSeries series) {
        return !now.isSameProcess(before)
                || (earlier != null
                        && !ServerLabels.isSameEpoch(earlier.createdEpochSeconds(), series.createdEpochSeconds()));
    }

    /** Told, and not merely not denied. */
    private static boolean isSame(Levels before, Levels now, @Nullable BucketSeries earlier, BucketSeries series) {
        boolean isSameProcess =
                before.processStart().isPresent() && now.processStart().isPresent() && now.isSameProcess(before);
        boolean isSameCreation = earlier != null
                && earlier.createdEpochSeconds().isPresent()
                && series.createdEpochSeconds().isPresent()
                && ServerLabels.isSameEpoch(earlier.createdEpochSeconds(), series.createdEpochSeconds());
        return isSameProcess || isSameCreation;
    }

    /**
     * vLLM records a time per output token of 0 for a request of a single token, which has none. How many those were is told
     * by the histogram of generated tokens, as long as the two tell of the same requests.
     */
    private static List<Added> withoutSingleTokens(List<Added> added) {
        List<Added> right = new ArrayList<>();
        for (Added each : added) {
            long zeros = each.taken.family().equals("vllm:request_time_per_output_token_seconds")
                    ? added.stream()
                            .filter(other -> other.taken.family().equals("vllm:request_generation_tokens")
                                    && other.series.labels().equals(each.series.labels())
                                    && other.delta.count() == each.delta.count())
                            .mapToLong(other -> other.delta.countUpTo(1))
                            .max()
                            .orElse(0)
                    : 0;
            boolean isRight = zeros > 0 && zeros <= each.delta.counts()[0];
            right.add(isRight ? new Added(each.taken, each.series, each.delta.withoutZeros(zeros)) : each);
        }
        return right;
    }

    private void bucketed(Added added, long epochMillis, List<Measurement> made) {
        Row row = added.taken.row();
        if (added.delta.count() > 0) {
            made.add(new BucketedMeasurement(
                    row.metric(),
                    labels.of(added.series.labels()),
                    epochMillis,
                    added.delta.scaled(
                            row.form().unitsPerPageUnit() * row.metric().unit().stepsPerUnit())));
        }
    }

    private void sums(Taken taken, Levels now, List<Measurement> made) {
        Levels before = comparable(now);
        if (before == null) {
            return;
        }
        for (BucketSeries series : taken.histograms()) {
            Levels.Seen<BucketSeries> seen = before.histogram(taken.family(), series);
            BucketSeries earlier = seen == null ? null : seen.series();
            boolean isOther = isOther(before, now, earlier, series);
            if (seen != null && seen.isTooLongBefore(now) && !isOther) {
                continue;
            }
            double level = series.sum().orElse(Double.NaN);
            double grown = earlier == null || series.count() < earlier.count() || isOther
                    ? level
                    : level - earlier.sum().orElse(Double.NaN);
            if (grown >= 0) {
                made.add(sample(taken.row().metric(), labels.of(series.labels()), grown, 1, now.epochMillis()));
            }
        }
    }

    private void counters(Taken taken, Levels now, List<Measurement> made, Checks checks) {
        Levels before = comparable(now);
        if (before == null) {
            return;
        }
        for (ScalarSeries series : taken.scalars()) {
            Levels.Seen<ScalarSeries> seen = before.scalar(taken.family(), series);
            double grown = series.value();
            if (seen != null) {
                ScalarSeries earlier = seen.series();
                boolean isOther = !now.isSameProcess(before)
                        || !ServerLabels.isSameEpoch(earlier.createdEpochSeconds(), series.createdEpochSeconds());
                if (seen.isTooLongBefore(now) && !isOther) {
                    continue;
                }
                boolean isAnew = isOther || series.value() < earlier.value();
                isReset |= isAnew;
                grown -= isAnew ? 0 : earlier.value();
            }
            if (grown >= 0) {
                checks.added(taken.row().metric(), Math.round(grown));
                counter(taken, series, grown, now.epochMillis(), made);
            }
        }
    }

    private void counter(Taken taken, ScalarSeries series, double grown, long epochMillis, List<Measurement> made) {
        Metric metric = taken.row().metric();
        if (taken.row().form() == Row.Form.COUNTER) {
            made.add(sample(metric, labels.of(series.labels()), grown, 1, epochMillis));
        } else if (Math.round(grown) > 0) {
            LabelSet ended = labels.of(series.labels(), Outcomes.of(taken.family(), series.labels()));
            made.add(sample(metric, ended, 1, Math.round(grown), epochMillis));
        }
    }

    /** Levels that add up do so here already, over the ranks of a server; others stay side by side. */
    private void gauges(Taken taken, long epochMillis, List<Measurement> made, Map<MetricAndLabels, Double> levels) {
        Metric metric = taken.row().metric();
        for (ScalarSeries series : taken.scalars()) {
            if (series.value() < 0) {
                continue;
            }
            LabelSet own = labels.of(series.labels());
            if (metric.addsUp()) {
                levels.merge(new MetricAndLabels(metric, own), series.value(), Double::sum);
            } else {
                made.add(sample(metric, own, series.value(), 1, epochMillis));
            }
        }
    }

    private void uptime(Page page, long epochMillis, List<Measurement> made) {
        OptionalDouble start = page.processStartEpochSeconds();
        if (start.isPresent() && epochMillis / 1e3 >= start.getAsDouble()) {
            made.add(sample(SERVER_UPTIME, labels.server(), epochMillis / 1e3 - start.getAsDouble(), 1, epochMillis));
        }
    }

    private static SampleMeasurement sample(
            Metric metric, LabelSet labels, double value, long weight, long epochMillis) {
        long scaled = Math.round(value * metric.unit().stepsPerUnit());
        return new SampleMeasurement(
                metric, labels, scaled, weight, OptionalLong.of(epochMillis), SampleMeasurement.Origin.UNKNOWN);
    }
}
