package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.Mark;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Silence;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Sees silences begin and end, those of the rules file and those of operators: that nobody was told is part of what
 * happened. Any thread.
 */
final class SilenceWatch {
    static final String KIND = "silence";

    private static final int LONGEST_TEXT = 1_000;
    private static final int MOST_LABELS = 16;

    /** In force at the last look. */
    private Set<Silence> active = Set.of();

    private Instant lastLook;
    private boolean isFirst = true;

    /** @param startedAt what was in force before has its mark from the process that ran then */
    SilenceWatch(Instant startedAt) {
        this.lastLook = startedAt;
    }

    /**
     * @param ofFile the silences of the rules in force
     * @param ofOperators those that operators made and did not take back
     * @return a mark for each that began or ended since the last look
     */
    synchronized List<Mark> look(Collection<Silence> ofFile, Collection<Silence> ofOperators, Instant now) {
        Set<Silence> present = Stream.concat(ofFile.stream().map(SilenceWatch::withoutNumber), ofOperators.stream())
                .filter(silence -> silence.isActive(now))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        List<Mark> marks = new ArrayList<>();
        for (Silence silence : present) {
            boolean isKnown =
                    active.contains(silence) || (isFirst && silence.from().isBefore(lastLook));
            if (!isKnown) {
                marks.add(
                        mark(sinceLastLook(silence.from(), now), "silence begins, until " + silence.until(), silence));
            }
        }
        for (Silence silence : active) {
            if (!present.contains(silence)) {
                String early = silence.until().isAfter(now) ? " early" : "";
                marks.add(mark(sinceLastLook(silence.until(), now), "silence ends" + early, silence));
            }
        }
        active = present;
        lastLook = now;
        isFirst = false;
        return marks;
    }

    /** One of the file has its place there as its id, which changes when another is written before it. */
    private static Silence withoutNumber(Silence silence) {
        return new Silence("file", silence.match(), silence.from(), silence.until(), silence.by(), silence.why());
    }

    /** When it was, where that lies between two looks; what is seen late is marked when it is seen. */
    private Instant sinceLastLook(Instant at, Instant now) {
        return at.isAfter(lastLook) && !at.isAfter(now) ? at : now;
    }

    private static Mark mark(Instant at, String what, Silence silence) {
        String text = what + ": " + words(silence.match()) + " by " + silence.by() + ": " + silence.why();
        return new Mark(
                at,
                KIND,
                labels(silence.match()),
                text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT - 1) + "…");
    }

    /** Those that are named exactly. */
    private static LabelSet labels(AlertMatch match) {
        Map<String, String> labels = new TreeMap<>();
        for (LabelMatcher matcher : match.labels()) {
            String value = matcher.patterns().getFirst();
            boolean isExact = !matcher.negated() && matcher.patterns().size() == 1 && !value.contains("*");
            if (isExact && labels.size() < MOST_LABELS) {
                labels.put(matcher.label(), value);
            }
        }
        return LabelSet.of(labels);
    }

    private static String words(AlertMatch match) {
        List<String> words = new ArrayList<>();
        if (!match.tiers().isEmpty()) {
            words.add("tier=" + match.tiers().stream().map(Enum::name).sorted().collect(Collectors.joining("|")));
        }
        Stream.concat(match.rules().stream(), match.labels().stream())
                .forEach(matcher -> words.add(
                        matcher.label() + (matcher.negated() ? "!=" : "=") + String.join("|", matcher.patterns())));
        return String.join(" ", words);
    }
}
