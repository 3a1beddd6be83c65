package io.inferwatch.collector.otlp;

import io.inferwatch.collector.scrape.BucketDelta;
import io.inferwatch.collector.scrape.page.BucketSeries;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What each stream of points told last, so that every observation is counted once: of a cumulative stream the growth, of a
 * delta stream each point once. A cumulative stream that is new counts from its start where that is known and lies after the
 * sidecar's; else its first point only sets the mark.
 *
 * <p>What was learned from a body stands once it is journalled, and not before: {@link #commit} or {@link #forget}. Bounded
 * in streams; of those heard longest ago first is forgotten, and what began before then is not taken for new. Not thread-safe.
 */
final class PointHistory {
    /** After a longer silence nobody can say when it was counted. Exporters send each minute, some every five. */
    private static final long LONGEST_SPAN_NANOS = 600_000_000_000L;

    static final int MOST_STREAMS = 10_000;
    /** Together with the streams, some 16 MiB. */
    private static final int MOST_BUCKETS_HELD = 1_000_000;

    private static final int MOST_DELTAS = 50_000;

    /** What happened to streams, for those who want to know why a number is what it is. */
    enum Event {
        FIRST_SIGHT("streams that began before the sidecar: counted from their next point on"),
        RESET("streams began to count anew; what they counted between their last point and their end is lost"),
        GAP("points do not begin where the ones before ended, or come after long silence: some got lost on the way"),
        OVERLAP("deltas begin before the ones before ended: they come late, or two senders go by one name"),
        DUPLICATE("points were sent again, and counted once"),
        OUT_OF_ORDER("cumulative points are older than ones taken, which hold what they tell");

        private final String text;

        Event(String text) {
            this.text = text;
        }

        /** What so many of them mean. */
        String text() {
            return text;
        }
    }

    /** One stream: all that tells it from others, hashed. */
    record Stream(long high, long low) {}

    private record Epoch(Stream stream, long startNanos) {}

    private record Delta(Stream stream, long startNanos, long timeNanos) {}

    private record Held(long timeNanos, @Nullable BucketSeries buckets, double value) {
        int size() {
            return buckets == null ? 1 : buckets.cumulative().length;
        }
    }

    private final LinkedHashMap<Epoch, Held> epochs = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Stream, Long> lastStarts = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Stream, Long> lastEnds = new LinkedHashMap<>(16, 0.75f, true);
    private final LinkedHashMap<Delta, Boolean> deltas = new LinkedHashMap<>();
    private final Map<Event, Long> counts = new EnumMap<>(Event.class);
    private int bucketsHeld;
    private long newSinceNanos;

    private final Map<Epoch, Held> learnedEpochs = new HashMap<>();
    private final Map<Stream, Long> learnedStarts = new HashMap<>();
    private final Map<Stream, Long> learnedEnds = new HashMap<>();
    private final Map<Delta, Boolean> learnedDeltas = new HashMap<>();
    private final Map<Event, Long> learnedCounts = new EnumMap<>(Event.class);

    /** @param newSinceNanos what began to count later is counted from its start */
    PointHistory(long newSinceNanos) {
        this.newSinceNanos = newSinceNanos;
    }

    /** @return what was added; absent when nothing is known to have been */
    @Nullable BucketDelta cumulative(Stream stream, MetricPoint point, BucketSeries now, Consumer<Event> told) {
        Earlier earlier = begin(stream, point, new Held(point.timeNanos, now, 0), told);
        Held before = earlier.held;
        if (earlier.isUseless || (before == null && !isNew(stream, point, told))) {
            return null;
        }
        boolean isSame = point.startNanos != 0;
        BucketDelta delta = BucketDelta.between(before == null ? null : before.buckets, now, false, isSame);
        if (delta.isReset()) {
            tell(Event.RESET, told);
        }
        return delta;
    }

    /** @return what a counter grew by; NaN when that is not known */
    double cumulative(Stream stream, MetricPoint point, Consumer<Event> told) {
        Earlier earlier = begin(stream, point, new Held(point.timeNanos, null, point.value), told);
        Held before = earlier.held;
        if (earlier.isUseless || (before == null && !isNew(stream, point, told))) {
            return Double.NaN;
        }
        if (before != null && point.value < before.value) {
            tell(Event.RESET, told);
            return point.value;
        }
        return point.value - (before == null ? 0 : before.value);
    }

    /**
     * What a point is told apart from.
     *
     * @param isUseless nothing can be had of the point, whatever was before
     * @param held absent for the first of a stream
     */
    private record Earlier(boolean isUseless, @Nullable Held held) {}

    private Earlier begin(Stream stream, MetricPoint point, Held now, Consumer<Event> told) {
        Epoch epoch = new Epoch(stream, point.startNanos);
        Held before = learnedEpochs.getOrDefault(epoch, epochs.get(epoch));
        if (before != null && point.timeNanos <= before.timeNanos) {
            tell(point.timeNanos == before.timeNanos ? Event.DUPLICATE : Event.OUT_OF_ORDER, told);
            return new Earlier(true, before);
        }
        learnedEpochs.put(epoch, now);
        if (before != null && point.timeNanos - before.timeNanos > LONGEST_SPAN_NANOS) {
            tell(Event.GAP, told);
            return new Earlier(true, before);
        }
        return new Earlier(false, before);
    }

    /** Of a first point: whether all it tells was counted since this sidecar listens. */
    private boolean isNew(Stream stream, MetricPoint point, Consumer<Event> told) {
        Long earlier = learnedStarts.getOrDefault(stream, lastStarts.get(stream));
        if (earlier == null || point.startNanos > earlier) {
            learnedStarts.put(stream, point.startNanos);
        }
        if (earlier != null && point.startNanos > earlier) {
            tell(Event.RESET, told);
        }
        boolean isKnownToBeNew = point.startNanos >= newSinceNanos && point.startNanos < point.timeNanos;
        if (!isKnownToBeNew) {
            tell(Event.FIRST_SIGHT, told);
        }
        return isKnownToBeNew;
    }

    /** Whether a point that stands for itself, a level for example, was not told before. */
    boolean isNews(Stream stream, MetricPoint point, Consumer<Event> told) {
        Delta delta = new Delta(stream, point.startNanos, point.timeNanos);
        boolean isKnown = deltas.containsKey(delta) || learnedDeltas.put(delta, true) != null;
        if (isKnown) {
            tell(Event.DUPLICATE, told);
        }
        return !isKnown;
    }

    /** Whether a delta point was not told before; says so where it does not follow on the one before. */
    boolean isNewDelta(Stream stream, MetricPoint point, Consumer<Event> told) {
        if (!isNews(stream, point, told)) {
            return false;
        }
        Long end = learnedEnds.getOrDefault(stream, lastEnds.get(stream));
        if (end != null && point.startNanos != 0 && point.startNanos != end) {
            tell(point.startNanos > end ? Event.GAP : Event.OVERLAP, told);
        }
        if (end == null || point.timeNanos > end) {
            learnedEnds.put(stream, point.timeNanos);
        }
        return true;
    }

    private void tell(Event event, Consumer<Event> told) {
        learnedCounts.merge(event, 1L, Long::sum);
        told.accept(event);
    }

    /** The body is journalled. */
    void commit(long nowNanos) {
        learnedEpochs.forEach((epoch, held) -> {
            Held before = epochs.put(epoch, held);
            bucketsHeld += held.size() - (before == null ? 0 : before.size());
        });
        lastStarts.putAll(learnedStarts);
        lastEnds.putAll(learnedEnds);
        deltas.putAll(learnedDeltas);
        learnedCounts.forEach((event, count) -> counts.merge(event, count, Long::sum));
        forget();
        while (epochs.size() > MOST_STREAMS || bucketsHeld > MOST_BUCKETS_HELD) {
            bucketsHeld -= epochs.pollFirstEntry().getValue().size();
            newSinceNanos = Math.max(newSinceNanos, nowNanos);
        }
        shorten(lastStarts, MOST_STREAMS);
        shorten(lastEnds, MOST_STREAMS);
        shorten(deltas, MOST_DELTAS);
    }

    private static void shorten(SequencedMap<?, ?> map, int most) {
        while (map.size() > most) {
            map.pollFirstEntry();
        }
    }

    /** The body was not kept. */
    void forget() {
        learnedEpochs.clear();
        learnedStarts.clear();
        learnedEnds.clear();
        learnedDeltas.clear();
        learnedCounts.clear();
    }

    Map<Event, Long> counts() {
        Map<Event, Long> copy = new EnumMap<>(Event.class);
        copy.putAll(counts);
        return copy;
    }
}
