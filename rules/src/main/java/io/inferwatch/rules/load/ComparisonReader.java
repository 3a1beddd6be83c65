package io.inferwatch.rules.load;

import io.inferwatch.rules.Comparison;
import io.inferwatch.rules.Comparison.Against;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/** Reads {@code compare}: what of its past a signal is held against. */
final class ComparisonReader {
    /** A fortnight of minutes: the longest past that is kept, in windows of its width. */
    private static final int MOST_POINTS = 20_160;

    private static final Duration LONGEST = Duration.ofDays(400);
    private static final Map<String, Duration> EVERY = Map.of("1d", Duration.ofDays(1), "1w", Duration.ofDays(7));

    /** For how long windows of a width are kept by default; points are made of the widest that divides them. */
    private static final Map<Duration, Duration> KEPT = new TreeMap<>(Map.of(
            Duration.ofSeconds(10), Duration.ofHours(48),
            Duration.ofMinutes(1), Duration.ofDays(14),
            Duration.ofMinutes(10), Duration.ofDays(90),
            Duration.ofHours(1), Duration.ofDays(400)));

    private final Problems problems;
    private final Quantities quantities;

    ComparisonReader(Problems problems, Quantities quantities) {
        this.problems = problems;
        this.quantities = quantities;
    }

    /** @param leaf the mapping that holds {@code compare} */
    Optional<Comparison> read(MappingReader leaf, Signal signal) {
        Optional<MappingReader> compare = leaf.mapping("compare");
        if (compare.isEmpty()) {
            return Optional.empty();
        }
        MappingReader reader = compare.get();
        Optional<Against> against = against(reader);
        Comparison.Of of = reader.oneOf("of", words(Comparison.Of.values()))
                .map(word -> Comparison.Of.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(Comparison.Of.MEDIAN);
        Comparison.As as = reader.oneOf("as", words(Comparison.As.values()))
                .map(word -> Comparison.As.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(Comparison.As.TIMES);
        int minPoints = (int) reader.integer("min_points", 1, MOST_POINTS).orElse(3);
        OptionalDouble floor = reader.scalar("floor")
                .map(value -> quantities.read(value, signal.name(), signal.unit()))
                .orElse(OptionalDouble.empty());
        Duration excludeMax = reader.duration("exclude_max", Duration.ZERO, Duration.ofDays(30))
                .orElse(Duration.ofHours(24));
        reader.refuseUnknown();
        if (against.isEmpty()) {
            return Optional.empty();
        }
        Comparison comparison = new Comparison(against.get(), of, as, minPoints, floor, excludeMax);
        return check(reader, comparison, signal) ? Optional.of(comparison) : Optional.empty();
    }

    private Optional<Against> against(MappingReader reader) {
        String to = reader.require("to")
                ? reader.oneOf("to", List.of("trailing", "same_time")).orElse("")
                : "";
        if (to.equals("same_time")) {
            Optional<Duration> every = reader.require("every")
                    ? reader.oneOf("every", List.of("1d", "1w")).map(EVERY::get)
                    : Optional.empty();
            int cycles = (int) reader.integer("cycles", 1, 60).orElse(7);
            return every.map(duration -> new Against.SameTime(duration, cycles));
        }
        if (to.equals("trailing")) {
            Optional<Duration> window = reader.require("window")
                    ? reader.duration("window", Duration.ofMinutes(1), LONGEST)
                    : Optional.empty();
            Duration skip = reader.duration("skip_last", Duration.ZERO, LONGEST).orElse(Duration.ZERO);
            if (window.isPresent() && skip.compareTo(window.get()) >= 0) {
                reader.error("skip_last", "skip_last leaves nothing of the window");
                return Optional.empty();
            }
            return window.map(length -> new Against.Trailing(length, skip));
        }
        List.of("every", "cycles", "window", "skip_last").forEach(reader::has);
        return Optional.empty();
    }

    private boolean check(MappingReader reader, Comparison comparison, Signal signal) {
        String fault = fault(comparison, signal);
        if (!fault.isEmpty()) {
            problems.error(reader.mapping(), fault);
        }
        return fault.isEmpty();
    }

    private static String fault(Comparison comparison, Signal signal) {
        if (signal instanceof Signal.Internal
                || signal.queries().anyMatch(q -> q.overAtMost().compareTo(q.over()) > 0)) {
            return "a signal over a range of windows has no points to compare with; give it one window";
        }
        if (signal.queries().map(query -> query.over()).distinct().count() > 1) {
            return "the operands of " + signal.name() + " look at different windows; compare needs one";
        }
        Duration over = signal.over();
        long points = comparison.reach().dividedBy(over);
        long most = comparison.against() instanceof Against.SameTime same ? same.cycles() : points;
        if (comparison.minPoints() > most) {
            return "min_points is " + comparison.minPoints() + ", but there are at most " + most + " points of "
                    + Durations.format(over);
        }
        if (points > MOST_POINTS) {
            return points + " points of " + Durations.format(over) + " are more than " + MOST_POINTS;
        }
        return isKept(over, comparison.reach())
                ? ""
                : "windows of " + Durations.format(over) + " are not kept for " + Durations.format(comparison.reach())
                        + ": 10s windows stay 48h, 1m 14d, 10m 90d, 1h 400d";
    }

    /** Whether some width divides the points and is kept long enough. */
    private static boolean isKept(Duration over, Duration reach) {
        return KEPT.entrySet().stream()
                .anyMatch(entry -> over.toMillis() % entry.getKey().toMillis() == 0
                        && entry.getValue().compareTo(reach) >= 0);
    }

    private static List<String> words(Enum<?>[] values) {
        return java.util.Arrays.stream(values)
                .map(value -> value.name().toLowerCase(Locale.ROOT))
                .toList();
    }
}
