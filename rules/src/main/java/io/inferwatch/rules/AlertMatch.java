package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which firing alerts are meant.
 *
 * @param tiers all when empty
 * @param rules patterns of rule names; all when empty
 * @param labels all must hold
 */
public record AlertMatch(Set<Tier> tiers, Optional<LabelMatcher> rules, List<LabelMatcher> labels) {
    public AlertMatch {
        tiers = Set.copyOf(tiers);
        labels = List.copyOf(labels);
    }

    /** @param all the alert's labels with those of its host */
    public boolean matches(String rule, Tier tier, LabelSet all) {
        return (tiers.isEmpty() || tiers.contains(tier))
                && rules.map(matcher -> matcher.matches(rule)).orElse(true)
                && labels.stream()
                        .allMatch(matcher ->
                                matcher.matches(all.get(matcher.label()).orElse("")));
    }
}
