package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * The answer to a query. Values are in the metric's unit, shares are ratios 0–1, rates are per second.
 *
 * @param outcome the outcome it is for, where one was asked for or, on a latency metric, is meant by default
 * @param from the bounds used: the range asked for, widened
 * @param step as it was rounded; absent when the range is answered as a whole
 * @param groups those with samples
 */
public record Answer<T>(
        Metric metric,
        Optional<String> outcome,
        Instant from,
        Instant to,
        Optional<Duration> step,
        List<Group<T>> groups) {
    public Answer {
        groups = List.copyOf(groups);
    }

    /**
     * @param labels the labels it was grouped by, and the {@code source} of a metric that has several
     * @param observers whose samples these are, best first; empty where the metric has none
     * @param points one without a step; else those with samples, in time order
     */
    public record Group<T>(LabelSet labels, List<String> observers, Provenance provenance, List<Point<T>> points) {
        public Group {
            observers = List.copyOf(observers);
            points = List.copyOf(points);
        }
    }

    /**
     * @param count how many samples it rests on
     * @param clampedCount how many of them lay past what the unit counts and stand at its end
     */
    public record Point<T>(Instant from, long count, long clampedCount, T value) {}

    /**
     * Known exactly, or, of bucketed data, brackets.
     *
     * @param values in the order asked for
     */
    public record Percentiles(Bracket min, Bracket max, Bracket mean, List<Bracket> values) {
        public Percentiles {
            values = List.copyOf(values);
        }
    }

    /**
     * @param bounds of the value buckets, in the metric's unit, ascending, one more than there are buckets; a bucket
     *     holds from its lower bound to below its upper
     * @param counts each point holds one count a bucket
     */
    public record Heatmap(List<Double> bounds, Answer<List<Long>> counts) {
        public Heatmap {
            bounds = List.copyOf(bounds);
        }
    }

    /** One of the slowest samples. */
    public record Slow(LabelSet labels, String requestId, Instant at, double value) {}

    /**
     * @param stored from the start of the oldest to the start of the newest stored window; absent when none is stored yet
     * @param live whether it holds a slot now
     */
    public record SeriesInfo(LabelSet labels, boolean overflow, Optional<Stored> stored, boolean live) {}

    public record Stored(Instant first, Instant last) {}
}
