package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One tick's view: the rule windows as they stood when it was taken. */
final class Cut implements MetricView {
    private static final Set<String> LABELS_OF_SOURCES = Set.of("server", "uuid", "gpu", Rivals.OBSERVER);

    private final Instant at;
    private final RuleWindows windows;
    private final Map<String, Long> sourcesHeard;

    /** A range of one question, laid on the grain at hand. */
    private record Range(long fromMillis, long toMillis, int grain, Duration over) {}

    Cut(Instant at, RuleWindows windows, Map<String, Long> sourcesHeard) {
        this.at = at;
        this.windows = windows;
        this.sourcesHeard = sourcesHeard;
    }

    @Override
    public Instant at() {
        return at;
    }

    @Override
    public List<GroupSample> evaluate(SignalQuery query) {
        Optional<MetricWindows> found = windows.of(query.selection().metric().name());
        if (found.isEmpty()) {
            return List.of();
        }
        MetricWindows metric = found.get();
        List<GroupSample> samples = new ArrayList<>();
        for (MetricWindows.Group group : metric.groups(query.selection())) {
            if (group.series().stream().anyMatch(series -> isAlive(series, query))) {
                samples.add(sample(metric, query, group));
            }
        }
        return samples;
    }

    /** A series that tells nothing any more is still there as long as the range asked for can hold samples of it. */
    private boolean isAlive(KeptSeries series, SignalQuery query) {
        long reachMillis = query.overAtMost().plus(query.delay()).toMillis();
        return at.toEpochMilli() - series.lastSampleMillis < Math.max(SeriesTable.IDLE_MILLIS, reachMillis);
    }

    private GroupSample sample(MetricWindows metric, SignalQuery query, MetricWindows.Group group) {
        Range range = range(metric, query, query.over());
        List<List<WindowData>> parts = parts(metric, query, group, range);
        if (query.overAtMost().compareTo(query.over()) > 0 && Evaluation.count(parts) < query.minSamples()) {
            range = longEnough(metric, query, group);
            parts = parts(metric, query, group, range);
        }
        return new GroupSample(group.labels(), sample(metric, query, group, range, parts), range.over);
    }

    /** The shortest range that holds enough samples, else the longest allowed. */
    private Range longEnough(MetricWindows metric, SignalQuery query, MetricWindows.Group group) {
        long step = Span.width(Span.grain(query.over().toMillis()));
        long longest = query.overAtMost().toMillis();
        long low = 1;
        long high = Math.ceilDiv(longest - query.over().toMillis(), step);
        while (low < high) {
            long middle = (low + high) >>> 1;
            Range tried = range(metric, query, stretched(query, middle * step));
            if (Evaluation.count(parts(metric, query, group, tried)) >= query.minSamples()) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return range(metric, query, stretched(query, low * step));
    }

    private static Duration stretched(SignalQuery query, long byMillis) {
        Duration over = query.over().plusMillis(byMillis);
        return over.compareTo(query.overAtMost()) > 0 ? query.overAtMost() : over;
    }

    private Range range(MetricWindows metric, SignalQuery query, Duration over) {
        long delay = query.delay().toMillis();
        long end = at.toEpochMilli() - delay;
        long from = end - over.toMillis();
        int grain = metric.grainFrom(Span.grain(over.toMillis() + delay), from);
        long width = Span.width(grain);
        long to = delay == 0 ? Long.MAX_VALUE : Math.ceilDiv(end, width) * width;
        return new Range(Math.floorDiv(from, width) * width, to, grain, over);
    }

    private List<List<WindowData>> parts(
            MetricWindows metric, SignalQuery query, MetricWindows.Group group, Range range) {
        List<List<WindowData>> parts = new ArrayList<>();
        for (KeptSeries series : heard(metric, query.selection(), group, range.fromMillis)) {
            int grain = series.grainFrom(range.grain);
            long width = Span.width(grain);
            parts.add(series.parts(Math.floorDiv(range.fromMillis, width) * width, range.toMillis, grain));
        }
        return ofOneKind(parts);
    }

    /** Exact and bucketed data never merge: one number can only be made of one of them, and the exact ones know better. */
    private static List<List<WindowData>> ofOneKind(List<List<WindowData>> parts) {
        boolean hasExact = parts.stream().flatMap(List::stream).anyMatch(part -> !part.isBucketed());
        if (!hasExact) {
            return parts;
        }
        return parts.stream()
                .map(series ->
                        series.stream().filter(part -> !part.isBucketed()).toList())
                .toList();
    }

    /** Of rival witnesses the best one present: none counts twice, none is mixed with another. */
    private static List<KeptSeries> heard(
            MetricWindows metric, Selection selection, MetricWindows.Group group, long fromMillis) {
        Matching matching = metric.matching(selection);
        List<KeptSeries> heard = group.series();
        if (!matching.observersApart()) {
            heard = heard(Rivals.OBSERVERS, metric, heard, fromMillis);
        }
        return matching.sourcesApart() ? heard : heard(Rivals.SOURCES, metric, heard, fromMillis);
    }

    private static List<KeptSeries> heard(
            Rivals rivals, MetricWindows metric, List<KeptSeries> series, long fromMillis) {
        if (series.stream().allMatch(each -> each.labels.get(rivals.label()).isEmpty())) {
            return series;
        }
        List<LabelSet> present = new ArrayList<>();
        for (KeptSeries each : metric.all()) {
            if (each.lastSampleMillis >= fromMillis) {
                present.add(each.labels);
            }
        }
        Rivals.Choice chosen = rivals.choose(present);
        return series.stream().filter(each -> chosen.isHeard(each.labels)).toList();
    }

    private Sample sample(
            MetricWindows metric,
            SignalQuery query,
            MetricWindows.Group group,
            Range range,
            List<List<WindowData>> parts) {
        long count = Evaluation.count(parts);
        if (count == 0) {
            return new Sample.Missing("no samples in the last " + Span.words(range.over));
        }
        if (count < query.minSamples()) {
            return new Sample.Missing(count + (count == 1 ? " sample" : " samples") + " in the last "
                    + Span.words(range.over) + ", fewer than " + query.minSamples());
        }
        Matching matching = metric.matching(query.selection());
        long end = Math.min(range.toMillis, at.toEpochMilli());
        double seconds = Math.max(1, end - range.fromMillis) / 1_000.0;
        Bracket value = new Evaluation(matching.metric(), query.aggregate(), matching.across(), seconds).of(parts);
        boolean isOverflow = group.series().stream()
                .anyMatch(each -> each.labels.get(SeriesTable.OVERFLOW).isPresent());
        return new Sample.Present(value.estimate(), value.lo(), value.hi(), count, provenance(parts, isOverflow));
    }

    private static Provenance provenance(List<List<WindowData>> parts, boolean isOverflow) {
        List<WindowData> all = parts.stream().flatMap(List::stream).toList();
        if (all.getFirst().isBucketed()) {
            return new Provenance.Bucketed(WindowData.merge(all).asBrackets().schema());
        }
        return isOverflow ? new Provenance.Overflow() : new Provenance.Exact();
    }

    @Override
    public boolean everMatched(Selection selection) {
        return windows.of(selection.metric().name())
                .map(metric -> metric.everMatched(selection))
                .orElse(false);
    }

    @Override
    public boolean isSourceLive(Selection selection) {
        Set<String> sources = new HashSet<>();
        Matching matching = new Matching(selection);
        windows.of(selection.metric().name())
                .ifPresent(metric -> metric.all().stream()
                        .filter(each -> matching.matchesOnly(each.labels, LABELS_OF_SOURCES))
                        .forEach(each -> sources.add(each.source)));
        if (sources.isEmpty()) {
            sources.add(Source.nameOf(selection.metric(), LabelSet.EMPTY));
        }
        return sources.stream().anyMatch(this::isHeard);
    }

    private boolean isHeard(String source) {
        Long heard = sourcesHeard.get(source);
        return heard != null && at.toEpochMilli() - heard <= Source.patienceMillis(source);
    }
}
