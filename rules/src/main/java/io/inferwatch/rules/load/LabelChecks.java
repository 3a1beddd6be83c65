package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Labels that routes, inhibitions and silences name and no alert can have: such a route takes nothing, such a silence keeps
 * nothing still. Warnings, for labels can be configured elsewhere; and none for a label that some metric has, for such a
 * route may wait for rules to come.
 */
final class LabelChecks {
    /** What every alert has, and those of the sidecar's own. */
    private static final List<String> ALWAYS = List.of("rule", "tier", "host", "receiver");

    /** Those of the alerts that these rules can raise. */
    private final Set<String> ofAlerts;

    private final Set<String> ofMetrics = new TreeSet<>();
    private final Problems problems;

    /**
     * @param ofInstances the labels that instances of the rules have
     * @param configured those that all series have by configuration
     */
    LabelChecks(List<Rule> rules, Collection<Set<String>> ofInstances, Set<String> configured, Problems problems) {
        this.ofAlerts = new TreeSet<>(ALWAYS);
        ofAlerts.addAll(configured);
        MetricCatalogue.all().forEach(metric -> ofMetrics.addAll(metric.labels()));
        ofInstances.forEach(ofAlerts::addAll);
        rules.forEach(rule -> ofAlerts.addAll(rule.texts().labels().keySet()));
        this.problems = problems;
    }

    void check(Document document) {
        for (YamlNode route : document.routes) {
            keys(route, "match");
            items(route, "group_by");
        }
        document.silences.forEach(silence -> keys(silence, "match"));
        for (YamlNode inhibition : document.inhibitions) {
            keys(inhibition, "source");
            keys(inhibition, "mute");
            items(inhibition, "same");
        }
    }

    private void keys(YamlNode parent, String key) {
        if (parent instanceof Mapping mapping && mapping.get(key).orElse(null) instanceof Mapping match) {
            match.entries().forEach((label, entry) -> known(label, entry.value()));
        }
    }

    private void items(YamlNode parent, String key) {
        YamlNode node = parent instanceof Mapping mapping ? mapping.get(key).orElse(null) : null;
        List<YamlNode> items = node instanceof Sequence list ? list.items() : node == null ? List.of() : List.of(node);
        for (YamlNode item : items) {
            if (item instanceof Scalar label && !label.isNull()) {
                known(label.text(), label);
            }
        }
    }

    private void known(String label, YamlNode at) {
        if (!ofAlerts.contains(label) && !ofMetrics.contains(label)) {
            Optional<String> hint = NearestName.among(ofAlerts, label)
                    .or(() -> NearestName.among(ofMetrics, label))
                    .map(nearest -> "did you mean \"" + nearest + "\"?");
            problems.add(new Problem(at.position(), at.path(), "no alert has a label \"" + label + "\"", hint, true));
        }
    }
}
