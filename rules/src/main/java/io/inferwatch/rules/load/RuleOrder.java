package io.inferwatch.rules.load;

import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Puts rules behind those they refer to, and finds those that lead back to themselves. */
final class RuleOrder {
    private final Map<String, Rule> rules;
    private final Map<String, YamlNode> nodes;
    private final Problems problems;
    private final Map<String, Rule> ordered = new LinkedHashMap<>();
    private final Deque<String> path = new ArrayDeque<>();
    private final Set<String> told = new HashSet<>();

    RuleOrder(Map<String, Rule> rules, Map<String, YamlNode> nodes, Problems problems) {
        this.rules = rules;
        this.nodes = nodes;
        this.problems = problems;
    }

    List<Rule> order() {
        rules.keySet().forEach(this::visit);
        return List.copyOf(ordered.values());
    }

    private void visit(String name) {
        Rule rule = rules.get(name);
        if (rule == null || ordered.containsKey(name)) {
            return;
        }
        if (path.contains(name)) {
            List<String> cycle = new ArrayList<>(path);
            cycle = new ArrayList<>(cycle.reversed().subList(cycle.reversed().indexOf(name), cycle.size()));
            cycle.add(name);
            YamlNode node = nodes.get(name);
            if (told.addAll(cycle) && node != null) {
                problems.error(node, "this rule leads back to itself: " + String.join(" → ", cycle));
            }
            return;
        }
        path.push(name);
        rule.conditions().flatMap(Condition::referredRules).forEach(this::visit);
        path.pop();
        ordered.put(name, rule);
    }

    /** The names of the signals each rule reads, itself or through the rules it refers to; of ordered rules. */
    static Map<String, Set<String>> signalsOf(List<Rule> ordered) {
        Map<String, Set<String>> names = new HashMap<>();
        for (Rule rule : ordered) {
            Set<String> own = new HashSet<>();
            rule.conditions().flatMap(Condition::signals).forEach(signal -> addAll(signal, own));
            rule.conditions()
                    .flatMap(Condition::referredRules)
                    .forEach(other -> own.addAll(names.getOrDefault(other, Set.of())));
            names.put(rule.name(), own);
        }
        return names;
    }

    private static void addAll(Signal signal, Set<String> names) {
        names.add(signal.name());
        if (signal instanceof Signal.Computed computed) {
            computed.operands().forEach(operand -> addAll(operand, names));
        }
    }

    /** The labels of each signal that some rule reads, itself or as an operand, by the signal's name. */
    static Map<String, Set<String>> labelsOfSignals(List<Rule> rules) {
        Map<String, Set<String>> labels = new HashMap<>();
        rules.stream()
                .flatMap(Rule::conditions)
                .flatMap(Condition::signals)
                .forEach(signal -> addLabels(signal, labels));
        return labels;
    }

    private static void addLabels(Signal signal, Map<String, Set<String>> labels) {
        labels.put(signal.name(), signal.by());
        if (signal instanceof Signal.Computed computed) {
            computed.operands().forEach(operand -> addLabels(operand, labels));
        }
    }
}
