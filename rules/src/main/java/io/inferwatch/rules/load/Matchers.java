package io.inferwatch.rules.load;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Label conditions: a value, a list of values, {@code glob*}, {@code "!not"}. */
final class Matchers {
    private Matchers() {}

    /** Every key of the mapping, but those to skip, is a label. */
    static List<LabelMatcher> read(MappingReader where, Problems problems, List<String> skip) {
        List<LabelMatcher> matchers = new ArrayList<>();
        for (String label : where.mapping().entries().keySet()) {
            if (!skip.contains(label)) {
                read(where, label, problems).ifPresent(matchers::add);
            }
        }
        return matchers;
    }

    /** The condition under one key; empty when the key is absent. */
    static Optional<LabelMatcher> read(MappingReader where, String label, Problems problems) {
        Optional<List<Scalar>> values = where.scalars(label);
        if (values.isEmpty()) {
            if (where.mapping().entries().containsKey(label)) {
                where.error(label, "a value is missing here");
            }
            return Optional.empty();
        }
        List<String> patterns = new ArrayList<>();
        long negated = 0;
        for (Scalar value : values.get()) {
            boolean not = value.text().startsWith("!");
            negated += not ? 1 : 0;
            patterns.add(not ? value.text().substring(1) : value.text());
        }
        if (patterns.isEmpty() || (negated != 0 && negated != patterns.size())) {
            where.error(
                    label, patterns.isEmpty() ? "a value is missing here" : "\"!\" stands before all values or none");
            return Optional.empty();
        }
        return Optional.of(new LabelMatcher(label, patterns, negated > 0));
    }
}
