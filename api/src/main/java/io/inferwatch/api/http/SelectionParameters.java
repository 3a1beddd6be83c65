package io.inferwatch.api.http;

import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.histograms.Across;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.histograms.Selection;
import io.micronaut.http.HttpParameters;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The selectors that every query route shares: metric, where, by, across, observer. Wrong ones name the nearest right one. */
final class SelectionParameters {
    private static final List<String> OBSERVERS = List.of("proxy", "push", "otlp", "scrape", "otlp_client");
    private static final List<String> SHARED =
            List.of("metric", "where", "by", "across", "observer", "from", "to", "step");

    private SelectionParameters() {}

    /**
     * A misspelt parameter would otherwise be a question about something else, answered with confidence.
     *
     * @param ofRoute what this route takes beside what all query routes share
     * @throws ProblemException on a parameter that no query route knows
     */
    static void requireKnownNames(HttpParameters parameters, String... ofRoute) {
        requireOnly(
                parameters,
                Stream.concat(SHARED.stream(), Arrays.stream(ofRoute)).toArray(String[]::new));
    }

    /** @throws ProblemException on any other parameter */
    static void requireOnly(HttpParameters parameters, String... names) {
        List<String> known = List.of(names);
        for (String name : parameters.names()) {
            if (!known.contains(name)) {
                throw ProblemException.badRequest("unknown parameter \"" + name + "\""
                        + NearestName.among(known, name)
                                .map(nearest -> "; did you mean \"" + nearest + "\"?")
                                .orElse("; this route takes " + (known.isEmpty() ? "none" : String.join(", ", known))));
            }
        }
    }

    /**
     * @throws ProblemException on an unknown metric or label, or a malformed matcher
     */
    static Selection read(HttpParameters parameters, KnownLabels knownLabels) {
        Metric metric = metric(parameters
                .getFirst("metric")
                .orElseThrow(() -> ProblemException.badRequest("metric: missing; say which, for example llm.ttft")));
        return read(parameters, metric, knownLabels);
    }

    static Selection read(HttpParameters parameters, Metric metric, KnownLabels known) {
        List<String> by =
                parameters.getFirst("by").map(text -> fullCommaList("by", text)).orElse(List.of());
        by.forEach(label -> requireKnown(metric, label, known));
        List<LabelMatcher> where = matchers(parameters.getAll("where"));
        where.forEach(matcher -> requireKnown(metric, matcher.label(), known));
        return new Selection(metric, where, by, across(parameters), observer(parameters));
    }

    static Metric metric(String name) {
        return MetricCatalogue.find(name)
                .orElseThrow(() -> ProblemException.badRequest("metric: unknown metric \"" + name
                        + "\""
                        + MetricCatalogue.nearestName(name)
                                .map(nearest -> "; did you mean \"" + nearest + "\"?")
                                .orElse("; GET /api/v1/metrics lists them")));
    }

    static List<String> commaList(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    /**
     * An empty list where there is no text; else every element must be there.
     *
     * @throws ProblemException naming the parameter and the element that is empty
     */
    static List<String> fullCommaList(String parameter, String text) {
        if (text.isBlank()) {
            return List.of();
        }
        List<String> elements =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        int empty = elements.indexOf("");
        if (empty >= 0) {
            throw ProblemException.badRequest(parameter + ": element " + (empty + 1) + " of \"" + text
                    + "\" is empty; write a value between commas");
        }
        return elements;
    }

    /** Several values of one label hold when any does; several exclusions when none does. */
    private static List<LabelMatcher> matchers(List<String> texts) {
        Map<String, List<String>> patterns = new LinkedHashMap<>();
        for (String text : texts) {
            int colon = text.indexOf(':');
            if (colon <= 0) {
                throw ProblemException.badRequest(
                        "where: \"" + text + "\" is no matcher; write label:value, label:glob* or label:!value");
            }
            String value = text.substring(colon + 1);
            boolean negated = value.startsWith("!");
            patterns.computeIfAbsent(text.substring(0, colon) + (negated ? "!" : ""), key -> new ArrayList<>())
                    .add(negated ? value.substring(1) : value);
        }
        List<LabelMatcher> matchers = new ArrayList<>();
        patterns.forEach((key, values) -> matchers.add(
                key.endsWith("!")
                        ? new LabelMatcher(key.substring(0, key.length() - 1), values, true)
                        : new LabelMatcher(key, values, false)));
        return matchers;
    }

    private static void requireKnown(Metric metric, String label, KnownLabels labels) {
        if (labels.declared(metric).contains(label)) {
            return;
        }
        Set<String> known = labels.all(metric);
        if (!known.contains(label)) {
            throw ProblemException.badRequest("unknown label \"" + label + "\" of " + metric.name()
                    + NearestName.among(known, label)
                            .map(nearest -> "; did you mean \"" + nearest + "\"?")
                            .orElse("; it has " + String.join(", ", known)));
        }
    }

    private static Across across(HttpParameters parameters) {
        return parameters
                .getFirst("across")
                .map(text -> Arrays.stream(Across.values())
                        .filter(across -> across != Across.DEFAULT)
                        .filter(across -> across.name().toLowerCase(Locale.ROOT).equals(text))
                        .findFirst()
                        .orElseThrow(() -> ProblemException.badRequest(
                                "across: \"" + text + "\" is none of sum, avg, min, max, merge")))
                .orElse(Across.DEFAULT);
    }

    private static Optional<String> observer(HttpParameters parameters) {
        Optional<String> observer = parameters.getFirst("observer");
        observer.filter(name -> !OBSERVERS.contains(name)).ifPresent(name -> {
            throw ProblemException.badRequest("observer: \"" + name + "\" is none of " + String.join(", ", OBSERVERS));
        });
        return observer;
    }
}
