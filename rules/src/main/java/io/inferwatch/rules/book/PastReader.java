package io.inferwatch.rules.book;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.Answer;
import io.inferwatch.histograms.Bracket;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.QueryRange;
import io.inferwatch.histograms.SignalQuery;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.engine.RuleEngine.PastWanted;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads what the engine lacks to compare with: the past of a signal, window by window, from database and memory. It may
 * take a while, so never the tick thread; any other.
 */
public final class PastReader {
    private static final Bracket NOTHING = Bracket.exact(0);
    private static final Bracket UNKNOWN = Bracket.exact(Double.NaN);

    private final RuleEngine engine;
    private final Queries queries;

    public PastReader(RuleEngine engine, Queries queries) {
        this.engine = engine;
        this.queries = queries;
    }

    /**
     * Reads all the engine asks for. What cannot be read is asked for again at the next call.
     *
     * @return how many signals were read
     */
    public int doWork(Instant now) {
        int done = 0;
        for (PastWanted asked : engine.pastWanted(now)) {
            engine.remember(asked, points(asked.signal(), asked));
            done++;
        }
        return done;
    }

    private Map<LabelSet, Map<Instant, Bracket>> points(Signal signal, PastWanted asked) {
        return switch (signal) {
            case Signal.Measured measured -> measured(measured, asked);
            case Signal.Ratio ratio -> ratio(ratio, asked);
            case Signal.Computed computed -> computed(computed, asked);
            case Signal.Internal internal -> Map.of();
        };
    }

    private Map<LabelSet, Map<Instant, Bracket>> measured(Signal.Measured signal, PastWanted asked) {
        Map<LabelSet, Map<Instant, Bracket>> points = read(signal.query(), asked);
        if (signal.zeroWhenLive()) {
            points.values().forEach(group -> fillZeros(group, asked));
        }
        return points;
    }

    /** Between the first and the last window that has samples, one without has seen nothing happen. */
    private static void fillZeros(Map<Instant, Bracket> group, PastWanted asked) {
        TreeMap<Instant, Bracket> known = new TreeMap<>(group);
        for (Instant start = known.firstKey(); start.isBefore(known.lastKey()); start = start.plus(asked.width())) {
            group.putIfAbsent(start, NOTHING);
        }
    }

    /** Empty where the database no longer has windows as fine as these. */
    private Map<LabelSet, Map<Instant, Bracket>> read(SignalQuery query, PastWanted asked) {
        QueryRange range = QueryRange.stepped(asked.from(), asked.to(), asked.width());
        Answer<Bracket> answer = queries.aggregate(query.selection(), query.aggregate(), range);
        Map<LabelSet, Map<Instant, Bracket>> groups = new HashMap<>();
        if (!answer.step().equals(Optional.of(asked.width()))) {
            return groups;
        }
        for (Answer.Group<Bracket> group : answer.groups()) {
            Map<Instant, Bracket> points = new HashMap<>();
            for (Answer.Point<Bracket> point : group.points()) {
                if (point.count() >= query.minSamples()) {
                    points.put(point.from(), point.value());
                }
            }
            if (!points.isEmpty()) {
                groups.put(group.labels().only(query.selection().by()), points);
            }
        }
        return groups;
    }

    private Map<LabelSet, Map<Instant, Bracket>> ratio(Signal.Ratio signal, PastWanted asked) {
        Map<LabelSet, Map<Instant, Bracket>> parts = read(signal.part(), asked);
        Map<LabelSet, Map<Instant, Bracket>> wholes = read(signal.whole(), asked);
        wholes.forEach((labels, whole) -> {
            Map<Instant, Bracket> part = parts.getOrDefault(labels, Map.of());
            whole.values().removeIf(value -> value.estimate() == 0);
            whole.replaceAll((start, value) -> signal.quotient(part.getOrDefault(start, NOTHING), value));
        });
        return wholes;
    }

    /** Joined as the engine joins: on the labels operands share, the one with the most labels making the groups. */
    private Map<LabelSet, Map<Instant, Bracket>> computed(Signal.Computed signal, PastWanted asked) {
        Map<String, Map<LabelSet, Map<Instant, Bracket>>> operands = new HashMap<>();
        Map<LabelSet, Map<Instant, Bracket>> widest = Map.of();
        int most = -1;
        for (Signal operand : signal.operands()) {
            Map<LabelSet, Map<Instant, Bracket>> points = points(operand, asked);
            operands.put(operand.name(), points);
            if (operand.by().size() > most) {
                most = operand.by().size();
                widest = points;
            }
        }
        Map<LabelSet, Map<Instant, Bracket>> groups = new HashMap<>();
        widest.forEach((labels, points) -> points.keySet().forEach(start -> {
            Bracket value = signal.evaluateBetween(name -> value(signal, operands, name, labels, start));
            if (Double.isFinite(value.estimate())) {
                groups.computeIfAbsent(labels, made -> new HashMap<>()).put(start, value);
            }
        }));
        return groups;
    }

    private static Bracket value(
            Signal.Computed signal,
            Map<String, Map<LabelSet, Map<Instant, Bracket>>> operands,
            String name,
            LabelSet labels,
            Instant start) {
        for (Signal operand : signal.operands()) {
            if (operand.name().equals(name)) {
                @Nullable Bracket value = operands.getOrDefault(name, Map.of())
                        .getOrDefault(labels.only(operand.by()), Map.of())
                        .get(start);
                return value == null ? UNKNOWN : value;
            }
        }
        return UNKNOWN;
    }
}
