package io.inferwatch.rules.load;

import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pack's inhibitions as a file of one's own can hold them: there, a rule that is disabled may not be named. */
final class PackInhibitions {
    private PackInhibitions() {}

    /** Without the rules that are not among these; one whose source or target is gone is left out. */
    static List<YamlNode> among(Set<String> rules, List<YamlNode> inhibitions) {
        List<YamlNode> kept = new ArrayList<>();
        for (YamlNode node : inhibitions) {
            Optional<YamlNode> fit = node instanceof Mapping inhibition ? fit(inhibition, rules) : Optional.of(node);
            fit.ifPresent(kept::add);
        }
        return kept;
    }

    private static Optional<YamlNode> fit(Mapping inhibition, Set<String> rules) {
        Mapping result = inhibition;
        for (String side : List.of("source", "mute")) {
            if (result.get(side).orElse(null) instanceof Mapping match
                    && match.get("rule").isPresent()) {
                Optional<YamlNode> named = fit(match.get("rule").get(), rules);
                if (named.isEmpty()) {
                    return Optional.empty();
                }
                result = with(result, side, with(match, "rule", named.get()));
            }
        }
        return Optional.of(result);
    }

    private static Optional<YamlNode> fit(YamlNode named, Set<String> rules) {
        if (named instanceof Scalar one) {
            return rules.contains(one.text()) ? Optional.of(one) : Optional.empty();
        }
        if (!(named instanceof Sequence several)) {
            return Optional.of(named);
        }
        List<YamlNode> left = several.items().stream()
                .filter(item -> !(item instanceof Scalar name) || rules.contains(name.text()))
                .toList();
        return left.isEmpty() ? Optional.empty() : Optional.of(new Sequence(several.position(), several.path(), left));
    }

    private static Mapping with(Mapping mapping, String key, YamlNode value) {
        Map<String, Entry> entries = new LinkedHashMap<>(mapping.entries());
        entries.put(key, new Entry(value.position(), value));
        return new Mapping(mapping.position(), mapping.path(), entries);
    }
}
