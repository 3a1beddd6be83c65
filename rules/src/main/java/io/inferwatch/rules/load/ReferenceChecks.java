package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.load.ConditionReader.Reference;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What a condition asks of another rule must be something that rule can answer with yes, about an instance that is meant.
 * All are warnings: labels can be configured, and such a rule harms no other.
 */
final class ReferenceChecks {
    private final Map<String, Rule> rules;
    private final Map<String, Set<String>> labels;
    private final Problems problems;

    /** @param ordered each rule after those it refers to */
    ReferenceChecks(List<Rule> ordered, Problems problems) {
        this.rules = ordered.stream().collect(Collectors.toMap(Rule::name, rule -> rule));
        this.labels = labelsOf(ordered);
        this.problems = problems;
    }

    /** By the name of each rule the labels its instances may have. */
    private static Map<String, Set<String>> labelsOf(List<Rule> ordered) {
        Map<String, Set<String>> labels = new HashMap<>();
        for (Rule rule : ordered) {
            Set<String> own = new TreeSet<>();
            rule.conditions().flatMap(Condition::signals).forEach(signal -> own.addAll(signal.by()));
            boolean hasSignals =
                    rule.conditions().flatMap(Condition::signals).findAny().isPresent();
            if (!hasSignals) {
                rule.conditions()
                        .flatMap(condition -> condition.leaves().stream())
                        .forEach(leaf -> own.addAll(
                                leaf instanceof Condition.Instances counted
                                        ? counted.by()
                                        : leaf.referredRules()
                                                .flatMap(other -> labels.getOrDefault(other, Set.of()).stream())
                                                .collect(Collectors.toSet())));
            }
            labels.put(rule.name(), own);
        }
        return labels;
    }

    /** Of each rule the labels its instances may have. */
    Collection<Set<String>> labels() {
        return labels.values();
    }

    void check(List<Reference> references) {
        for (Reference reference : references) {
            if (rules.containsKey(reference.rule()) && rules.containsKey(reference.owner())) {
                reachable(reference, rules.get(reference.rule()));
                joined(reference);
            }
        }
    }

    /** A leaf that asks after a tier which the other rule cannot reach is FALSE for ever. */
    private void reachable(Reference reference, Rule other) {
        Set<Tier> tiers = other.tiersItMayFire();
        if (tiers.stream().allMatch(reference.tier()::isMoreUrgentThan)) {
            String has = tiers.stream().map(Tier::name).collect(Collectors.joining(", "));
            problems.warning(
                    place(reference.at(), "tier"),
                    "rule " + reference.rule() + " is never at " + reference.tier()
                            + (reference.tier() == Tier.P0 ? "" : " or above") + "; it has " + has);
        }
    }

    private void joined(Reference reference) {
        Set<String> own = labels.getOrDefault(reference.owner(), Set.of());
        Set<String> others = labels.getOrDefault(reference.rule(), Set.of());
        for (String label : reference.matchOn().orElse(Set.of())) {
            known(reference.at(), "match_on", label, reference.rule(), others);
            known(reference.at(), "match_on", label, reference.owner(), own);
        }
        for (String label : reference.by().orElse(Set.of())) {
            known(reference.at(), "by", label, reference.rule(), others);
        }
        boolean mustShare = reference.matchOn().isEmpty() && reference.by().isEmpty();
        if (mustShare && !own.isEmpty() && !others.isEmpty() && Collections.disjoint(own, others)) {
            problems.warning(
                    place(reference.at(), "rule"),
                    "rule " + reference.rule() + " (by " + String.join(", ", others)
                            + ") shares no label to join on: any instance of it counts");
        }
    }

    /** An override for a label that no instance has is for none. */
    void check(RuleReader.Overridden override) {
        Set<String> own = labels.getOrDefault(override.rule(), Set.of());
        if (rules.containsKey(override.rule())) {
            MappingReader where = override.where();
            where.mapping().entries().keySet().forEach(label -> known(where, label, label, override.rule(), own));
        }
    }

    private void known(MappingReader at, String key, String label, String rule, Set<String> has) {
        if (!has.contains(label)) {
            YamlNode node = place(at, key);
            String message = "rule " + rule + " has no label \"" + label + "\"; it has "
                    + (has.isEmpty() ? "none" : String.join(", ", has));
            Optional<String> hint = NearestName.among(has, label).map(nearest -> "did you mean \"" + nearest + "\"?");
            problems.add(new Problem(node.position(), node.path(), message, hint, true));
        }
    }

    private static YamlNode place(MappingReader at, String key) {
        return at.node(key).orElse(at.mapping());
    }
}
