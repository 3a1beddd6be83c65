package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A selection as it is meant: the successes of a latency metric, the observer as one more condition. Immutable. */
final class Matching {
    private static final String OUTCOME = "outcome";
    private static final String SUCCESS = "success";

    private final Metric metric;
    private final List<LabelMatcher> where;
    private final List<String> by;
    private final Across across;
    private final Optional<String> outcome;
    private final boolean onlySuccess;
    private final boolean observersApart;
    private final boolean sourcesApart;

    Matching(Selection selection) {
        this.metric = selection.metric();
        this.by = selection.by();
        this.where = new ArrayList<>(selection.where());
        boolean outcomeAsked = names(selection, OUTCOME);
        onlySuccess = metric.latency() && !outcomeAsked;
        if (onlySuccess) {
            outcome = Optional.of(SUCCESS);
        } else {
            outcome = where.stream()
                    .filter(matcher -> matcher.label().equals(OUTCOME) && !matcher.negated())
                    .map(matcher -> String.join(",", matcher.patterns()))
                    .findFirst();
        }
        selection.observer().ifPresent(name -> where.add(new LabelMatcher(Rivals.OBSERVER, List.of(name), false)));
        observersApart = selection.observer().isPresent() || names(selection, Rivals.OBSERVER);
        sourcesApart = names(selection, Rivals.SOURCE);
        across = effective(selection.across(), metric);
    }

    private static boolean names(Selection selection, String label) {
        return selection.by().contains(label)
                || selection.where().stream()
                        .anyMatch(matcher -> matcher.label().equals(label));
    }

    private static Across effective(Across asked, Metric metric) {
        if (asked != Across.DEFAULT) {
            return asked;
        }
        return switch (metric.kind()) {
            case EVENT, COUNTER -> Across.MERGE;
            case GAUGE -> metric.addsUp() ? Across.SUM : Across.MERGE;
        };
    }

    boolean matches(LabelSet labels) {
        if (onlySuccess && !maySucceed(labels)) {
            return false;
        }
        for (LabelMatcher matcher : where) {
            if (!matcher.matches(labels.get(matcher.label()).orElse(""))) {
                return false;
            }
        }
        return true;
    }

    /** A server's own histogram does not tell outcomes apart: its series have no such label, and are taken as they are. */
    private static boolean maySucceed(LabelSet labels) {
        Optional<String> told = labels.get(OUTCOME);
        return told.isPresent()
                ? told.get().equals(SUCCESS)
                : labels.get(Rivals.OBSERVER).isPresent();
    }

    /** The same conditions on these labels alone: which sources are meant, whatever else is asked of their series. */
    boolean matchesOnly(LabelSet labels, Set<String> names) {
        for (LabelMatcher matcher : where) {
            if (names.contains(matcher.label())
                    && !matcher.matches(labels.get(matcher.label()).orElse(""))) {
                return false;
            }
        }
        return true;
    }

    LabelSet groupOf(LabelSet labels) {
        return by.isEmpty() ? LabelSet.EMPTY : labels.only(by);
    }

    /** The group, and besides the source of a metric that comes from several: they are never mixed. */
    LabelSet groupBySourceOf(LabelSet labels) {
        if (!metric.labels().contains(Rivals.SOURCE) || by.contains(Rivals.SOURCE)) {
            return groupOf(labels);
        }
        Set<String> names = new LinkedHashSet<>(by);
        names.add(Rivals.SOURCE);
        return labels.only(names);
    }

    Metric metric() {
        return metric;
    }

    /** Never {@link Across#DEFAULT}. */
    Across across() {
        return across;
    }

    /** The outcome the answer is for, where it is one only by condition. */
    Optional<String> outcome() {
        return outcome;
    }

    /** Whether each observer is asked for by name, so that none is chosen. */
    boolean observersApart() {
        return observersApart;
    }

    boolean sourcesApart() {
        return sourcesApart;
    }
}
