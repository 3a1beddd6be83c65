package io.inferwatch.collector.scrape;

import io.inferwatch.collector.scrape.page.BucketSeries;
import io.inferwatch.collector.scrape.page.ScalarSeries;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How far a server had counted at one reading of its page. A series that is missing there and stood on a page before is still
 * known: when it comes back it goes on where it was, and did not begin at 0. Used by one thread.
 */
final class Levels {
    /** After a longer silence nobody can say when it was counted, and a window of ten seconds is the wrong place for it. */
    static final long LONGEST_SPAN_MILLIS = 60_000;

    private static final int MOST_MISSING = 10_000;

    record SeriesName(String family, Map<String, String> labels) {}

    /** @param epochMillis when it last stood on the page */
    record Seen<S>(S series, long epochMillis) {
        boolean isTooLongBefore(Levels now) {
            return now.epochMillis - epochMillis > LONGEST_SPAN_MILLIS;
        }
    }

    private final long epochMillis;
    private final OptionalDouble processStart;
    private final Map<SeriesName, Seen<ScalarSeries>> scalars = new HashMap<>();
    private final Map<SeriesName, Seen<BucketSeries>> histograms = new HashMap<>();
    private int missing;

    Levels(long epochMillis, OptionalDouble processStart) {
        this.epochMillis = epochMillis;
        this.processStart = processStart;
    }

    void add(Taken taken) {
        for (BucketSeries series : taken.histograms()) {
            histograms.put(new SeriesName(taken.family(), series.labels()), new Seen<>(series, epochMillis));
        }
        for (ScalarSeries series : taken.scalars()) {
            scalars.put(new SeriesName(taken.family(), series.labels()), new Seen<>(series, epochMillis));
        }
    }

    /** Once all of the page is added. */
    void keepMissingOf(Levels before) {
        if (isSameProcess(before)) {
            before.scalars.forEach((name, seen) -> keep(scalars, name, seen));
            before.histograms.forEach((name, seen) -> keep(histograms, name, seen));
        }
    }

    private <S> void keep(Map<SeriesName, Seen<S>> known, SeriesName name, Seen<S> seen) {
        if (missing < MOST_MISSING && known.putIfAbsent(name, seen) == null) {
            missing++;
        }
    }

    @Nullable Seen<ScalarSeries> scalar(String family, ScalarSeries series) {
        return scalars.get(new SeriesName(family, series.labels()));
    }

    @Nullable Seen<BucketSeries> histogram(String family, BucketSeries series) {
        return histograms.get(new SeriesName(family, series.labels()));
    }

    /** When the page was read. */
    long epochMillis() {
        return epochMillis;
    }

    /** As the page says. */
    OptionalDouble processStart() {
        return processStart;
    }

    /** Whether the pages do not say that they are of two processes. */
    boolean isSameProcess(Levels before) {
        return ServerLabels.isSameEpoch(before.processStart, processStart);
    }
}
