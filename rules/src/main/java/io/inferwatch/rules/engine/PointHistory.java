package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.GroupSample;
import io.inferwatch.histograms.Sample;
import io.inferwatch.rules.Signal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a signal had in the consecutive windows of its past, each worked out once, when it is over. Window {@code i} is
 * {@code [i, i + 1)} times the signal's {@code over}, from the epoch. Used by the engine's thread alone.
 */
final class PointHistory {
    private static final long NONE = Long.MIN_VALUE;

    private final Signal signal;
    private final long widthMillis;
    private final int capacity;
    private final Map<LabelSet, GroupPoints> groups = new HashMap<>();
    private long newest = NONE;
    private boolean isLoaded;
    private boolean isWanted = true;
    private int version;

    PointHistory(Signal signal, Duration reach) {
        this.signal = signal;
        this.widthMillis = signal.over().toMillis();
        this.capacity = (int) Math.ceilDiv(reach.toMillis(), widthMillis) + 2;
    }

    Signal signal() {
        return signal;
    }

    long widthMillis() {
        return widthMillis;
    }

    /** Whether the past before the start has been read; until then there is no telling what is normal. */
    boolean isLoaded() {
        return isLoaded;
    }

    /** Counts what came in, so that what was made of it can be kept while nothing did. */
    int version() {
        return version;
    }

    /** The last window that is over at {@code t}, the signal's delay allowed for. */
    private long lastOver(Instant t) {
        return Math.floorDiv(t.toEpochMilli() - signal.delay().toMillis() - 1, widthMillis) - 1;
    }

    /** Works out the window that has ended since the last call, if one has. */
    void advance(Instant t, SignalSource source) {
        long last = lastOver(t);
        if (last <= newest) {
            return;
        }
        isWanted |= newest != NONE && last > newest + 1;
        long shift = t.toEpochMilli() - signal.delay().toMillis() - (last + 1) * widthMillis;
        Map<LabelSet, GroupSample> samples =
                new SignalReadings(new Past(source, Duration.ofMillis(shift)), Map.of()).of(signal);
        move(last);
        samples.forEach((labels, sample) -> {
            if (sample.sample() instanceof Sample.Present present) {
                put(labels, last, new Bracket(present.lo(), present.value(), present.hi()));
            }
        });
        version++;
    }

    private void move(long last) {
        if (newest != NONE) {
            long steps = Math.min(last - newest, capacity);
            for (GroupPoints points : groups.values()) {
                for (long i = last - steps + 1; i <= last; i++) {
                    points.clear(slot(i));
                }
            }
        }
        newest = last;
        groups.values().removeIf(GroupPoints::isEmpty);
    }

    private void put(LabelSet labels, long window, Bracket point) {
        points(labels).put(slot(window), point);
    }

    private GroupPoints points(LabelSet labels) {
        return groups.computeIfAbsent(labels, made -> new GroupPoints(capacity));
    }

    private int slot(long window) {
        return (int) Math.floorMod(window, (long) capacity);
    }

    /** The stretch of the past that is not known and should be read; empty when nothing is missing. */
    Optional<RuleEngine.PastWanted> wanted(Instant now) {
        if (!isWanted) {
            return Optional.empty();
        }
        long end = lastOver(now) + 1;
        return Optional.of(new RuleEngine.PastWanted(
                signal,
                Duration.ofMillis(widthMillis),
                Instant.ofEpochMilli((end - capacity + 1) * widthMillis),
                Instant.ofEpochMilli(end * widthMillis)));
    }

    /** Fills in what is not known; what is stays. */
    void remember(Instant to, Map<LabelSet, Map<Instant, Bracket>> past) {
        long last = to.toEpochMilli() / widthMillis - 1;
        if (newest == NONE) {
            newest = last;
        }
        past.forEach((labels, values) -> values.forEach((start, value) -> {
            long window = Math.floorDiv(start.toEpochMilli(), widthMillis);
            boolean isInside = window <= newest && window > newest - capacity;
            if (isInside && !points(labels).has(slot(window))) {
                put(labels, window, value);
            }
        }));
        isLoaded = true;
        isWanted = false;
        version++;
    }

    /** Takes over what the same signal had under the rules before. */
    void inherit(PointHistory old) {
        newest = old.newest;
        isLoaded = old.isLoaded && old.capacity >= capacity;
        isWanted = old.isWanted || old.capacity < capacity;
        old.groups.forEach((labels, points) -> {
            for (long i = newest - Math.min(capacity, old.capacity) + 1; i <= newest; i++) {
                put(labels, i, points.at(old.slot(i)));
            }
        });
    }

    @Nullable GroupPoints pointsOf(LabelSet labels) {
        return groups.get(labels);
    }

    /** The slot of a window among a group's points; -1 where the group has none of it. */
    int slotOf(GroupPoints points, long window) {
        boolean isInside = newest != NONE && window <= newest && window > newest - capacity;
        return isInside && points.has(slot(window)) ? slot(window) : -1;
    }

    /** The signals as they were a while ago. */
    private record Past(SignalSource source, Duration shift) implements SignalSource {
        @Override
        public Optional<List<GroupSample>> read(Signal signal) {
            return source.readPast(signal, shift);
        }

        @Override
        public boolean everMatched(Signal signal) {
            return source.everMatched(signal);
        }
    }
}
