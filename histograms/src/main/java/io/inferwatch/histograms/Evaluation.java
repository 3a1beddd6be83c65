package io.inferwatch.histograms;

import io.inferwatch.collector.catalogue.Metric;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What one aggregate makes of the windows of one group of series. */
final class Evaluation {
    private final Metric metric;
    private final Aggregate aggregate;
    private final Across across;
    private final double rangeSeconds;

    /**
     * @param across not {@link Across#DEFAULT}
     * @throws UnfitQueryException when the aggregate means nothing on this kind of metric
     */
    Evaluation(Metric metric, Aggregate aggregate, Across across, double rangeSeconds) {
        Aggregate.misfit(metric, aggregate).ifPresent(problem -> {
            throw new UnfitQueryException(problem);
        });
        this.metric = metric;
        this.aggregate = aggregate;
        this.across = across;
        this.rangeSeconds = rangeSeconds;
    }

    /**
     * In the metric's unit.
     *
     * @param seriesParts for each series its windows; at least one window in all; all exact or all bucketed
     */
    Bracket of(Collection<List<WindowData>> seriesParts) {
        List<List<WindowData>> present =
                seriesParts.stream().filter(parts -> !parts.isEmpty()).toList();
        return switch (across) {
            case DEFAULT, MERGE -> ofOne(flat(present));
            case SUM -> present.stream().map(this::ofOne).reduce(Bracket::plus).orElseThrow();
            case AVG ->
                present.stream()
                        .map(this::ofOne)
                        .reduce(Bracket::plus)
                        .orElseThrow()
                        .times(1.0 / present.size());
            case MIN -> present.stream().map(this::ofOne).reduce(Bracket::min).orElseThrow();
            case MAX -> present.stream().map(this::ofOne).reduce(Bracket::max).orElseThrow();
        };
    }

    static long count(Collection<List<WindowData>> seriesParts) {
        long count = 0;
        for (List<WindowData> parts : seriesParts) {
            for (WindowData part : parts) {
                count += part.count();
            }
        }
        return count;
    }

    private static List<WindowData> flat(List<List<WindowData>> seriesParts) {
        if (seriesParts.size() == 1) {
            return seriesParts.getFirst();
        }
        List<WindowData> all = new ArrayList<>();
        seriesParts.forEach(all::addAll);
        return all;
    }

    private Bracket ofOne(List<WindowData> parts) {
        return parts.getFirst().isBucketed()
                ? ofBrackets(WindowData.merge(parts).asBrackets())
                : Bracket.exact(ofSamples(parts));
    }

    private Bracket ofBrackets(Brackets brackets) {
        return switch (aggregate) {
            case Aggregate.Percentile percentile -> inUnit(brackets.percentile(percentile.p()));
            case Aggregate.ShareAbove above ->
                brackets.countAbove(scaled(above.limit()).doubleValue()).times(1.0 / brackets.count());
            case Aggregate.ShareBelow below ->
                brackets.countUpTo(scaled(below.limit()).doubleValue()).times(1.0 / brackets.count());
            case Aggregate.Basic basic ->
                switch (basic) {
                    case COUNT -> Bracket.exact((double) brackets.count());
                    case SUM, INCREASE -> inUnit(brackets.sum());
                    case RATE -> inUnit(brackets.sum()).times(1 / rangeSeconds);
                    case AVG -> inUnit(brackets.mean());
                    case MIN -> inUnit(brackets.min());
                    case MAX -> inUnit(brackets.max());
                    case LAST ->
                        inUnit(Bracket.of(
                                brackets.min().lo(),
                                brackets.mean().estimate(),
                                brackets.max().hi()));
                    case STDDEV -> inUnit(brackets.stddev());
                };
        };
    }

    private Bracket inUnit(Bracket scaled) {
        return new Bracket(inUnit(scaled.lo()), inUnit(scaled.estimate()), inUnit(scaled.hi()));
    }

    private double ofSamples(List<WindowData> parts) {
        return switch (aggregate) {
            case Aggregate.Percentile percentile ->
                inUnit(WindowData.merge(parts).percentileScaled(percentile.p()));
            case Aggregate.ShareAbove above -> {
                BigDecimal limit = scaled(above.limit());
                yield share(
                        parts,
                        parts.stream().mapToLong(part -> part.countAbove(limit)).sum());
            }
            case Aggregate.ShareBelow below -> {
                BigDecimal limit = scaled(below.limit());
                yield share(
                        parts,
                        parts.stream().mapToLong(part -> part.countBelow(limit)).sum());
            }
            case Aggregate.Basic basic -> basic(basic, parts);
        };
    }

    private double basic(Aggregate.Basic basic, List<WindowData> parts) {
        return switch (basic) {
            case COUNT -> parts.stream().mapToLong(WindowData::count).sum();
            case SUM, INCREASE -> inUnit(sum(parts).doubleValue());
            case RATE -> inUnit(sum(parts).doubleValue()) / rangeSeconds;
            case AVG ->
                inUnit(sum(parts).doubleValue()
                        / parts.stream().mapToLong(WindowData::count).sum());
            case MIN ->
                inUnit(parts.stream().mapToLong(WindowData::minScaled).min().orElseThrow());
            case MAX ->
                inUnit(parts.stream().mapToLong(WindowData::maxScaled).max().orElseThrow());
            case LAST -> inUnit(last(parts));
            case STDDEV -> inUnit(WindowData.merge(parts).stddevScaled());
        };
    }

    private static WideSum sum(List<WindowData> parts) {
        WideSum sum = WideSum.ZERO;
        for (WindowData part : parts) {
            sum = sum.plus(part.sum());
        }
        return sum;
    }

    private static long last(List<WindowData> parts) {
        WindowData newest = parts.getFirst();
        for (WindowData part : parts) {
            if (WindowMerge.isLater(
                    part.lastEpochMillis(), part.lastScaled(), newest.lastEpochMillis(), newest.lastScaled())) {
                newest = part;
            }
        }
        return newest.lastScaled();
    }

    private static double share(List<WindowData> parts, long hits) {
        return (double) hits / parts.stream().mapToLong(WindowData::count).sum();
    }

    private double inUnit(long scaled) {
        return inUnit((double) scaled);
    }

    private double inUnit(double scaled) {
        return metric.unit().fromScaled(scaled);
    }

    private BigDecimal scaled(double limit) {
        return BigDecimal.valueOf(limit)
                .multiply(BigDecimal.valueOf(metric.unit().stepsPerUnit()));
    }
}
