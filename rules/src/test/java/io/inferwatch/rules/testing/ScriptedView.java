package io.inferwatch.rules.testing;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Aggregate;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.MetricView;
import io.inferwatch.histograms.Provenance;
import io.inferwatch.histograms.Sample;
import io.inferwatch.histograms.Selection;
import io.inferwatch.histograms.SignalQuery;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A view over raw samples kept in a list: slow, obvious, and true to the port's words. */
public final class ScriptedView {
    private record Point(String metric, LabelSet labels, Instant at, double value) {}

    private final List<Point> points = new ArrayList<>();
    private boolean isLive = true;

    public void add(String metric, LabelSet labels, Instant at, double value) {
        points.add(new Point(metric, labels, at, value));
    }

    /** Whether the sources answer. */
    public void live(boolean live) {
        isLive = live;
    }

    public MetricView at(Instant t) {
        return new Cut(t);
    }

    private final class Cut implements MetricView {
        private final Instant t;

        Cut(Instant t) {
            this.t = t;
        }

        @Override
        public Instant at() {
            return t;
        }

        @Override
        public List<GroupSample> evaluate(SignalQuery query) {
            Map<LabelSet, List<Point>> groups = new LinkedHashMap<>();
            for (Point point : points) {
                if (matches(point, query.selection()) && isSince(point, Duration.ofHours(1))) {
                    groups.computeIfAbsent(point.labels().only(query.selection().by()), k -> new ArrayList<>())
                            .add(point);
                }
            }
            List<GroupSample> samples = new ArrayList<>();
            groups.forEach((labels, all) -> samples.add(sample(labels, all, query)));
            return samples;
        }

        private GroupSample sample(LabelSet labels, List<Point> all, SignalQuery query) {
            Duration over = query.over();
            List<Point> in = within(all, over);
            while (in.size() < query.minSamples() && over.compareTo(query.overAtMost()) < 0) {
                over = over.plusSeconds(10);
                in = within(all, over);
            }
            if (in.size() < query.minSamples()) {
                return new GroupSample(
                        labels, new Sample.Missing(in.size() + " samples of " + query.minSamples()), over);
            }
            if (in.isEmpty()) {
                return new GroupSample(labels, new Sample.Missing("no samples"), over);
            }
            double value = value(in.stream().mapToDouble(Point::value).toArray(), query.aggregate(), over);
            return new GroupSample(labels, new Sample.Present(value, in.size(), new Provenance.Exact()), over);
        }

        private List<Point> within(List<Point> all, Duration over) {
            return all.stream().filter(point -> isSince(point, over)).toList();
        }

        private boolean isSince(Point point, Duration over) {
            return point.at().isAfter(t.minus(over)) && !point.at().isAfter(t);
        }

        @Override
        public boolean everMatched(Selection selection) {
            return points.stream().anyMatch(p -> matches(p, selection) && !p.at().isAfter(t));
        }

        @Override
        public boolean isSourceLive(Selection selection) {
            return isLive;
        }
    }

    private static boolean matches(Point point, Selection selection) {
        return point.metric().equals(selection.metric().name())
                && selection.where().stream().allMatch(m -> matches(point, m));
    }

    private static boolean matches(Point point, LabelMatcher matcher) {
        return matcher.matches(point.labels().get(matcher.label()).orElse(""));
    }

    private static double value(double[] values, Aggregate aggregate, Duration over) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return switch (aggregate) {
            case Aggregate.Percentile percentile -> percentile(values, percentile);
            case Aggregate.ShareAbove share -> share(values, share.limit(), 1);
            case Aggregate.ShareBelow share -> share(values, share.limit(), -1);
            case Aggregate.Basic basic ->
                switch (basic) {
                    case AVG -> sum / values.length;
                    case SUM, INCREASE -> sum;
                    case COUNT -> values.length;
                    case RATE -> sum / over.toSeconds();
                    case LAST -> values[values.length - 1];
                    case MIN -> java.util.Arrays.stream(values).min().orElseThrow();
                    case MAX -> java.util.Arrays.stream(values).max().orElseThrow();
                    case STDDEV -> throw new UnsupportedOperationException("stddev");
                };
        };
    }

    private static double percentile(double[] values, Aggregate.Percentile percentile) {
        double[] sorted = values.clone();
        java.util.Arrays.sort(sorted);
        int rank = percentile
                .p()
                .multiply(java.math.BigDecimal.valueOf(values.length))
                .divide(java.math.BigDecimal.valueOf(100), 0, RoundingMode.CEILING)
                .intValue();
        return sorted[Math.max(0, rank - 1)];
    }

    private static double share(double[] values, double limit, int sign) {
        return (double) java.util.Arrays.stream(values)
                        .filter(v -> sign * (v - limit) > 0)
                        .count()
                / values.length;
    }
}
