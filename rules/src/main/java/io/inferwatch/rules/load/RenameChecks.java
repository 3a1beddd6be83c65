package io.inferwatch.rules.load;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import java.util.HashMap;
import java.util.Map;

/** What a rule was called before can be the name of no rule there is, and of one rule's past only. */
final class RenameChecks {
    private RenameChecks() {}

    static void check(Map<String, Rule> rules, Map<String, YamlNode> written, Problems problems) {
        Map<String, String> heirs = new HashMap<>();
        rules.values()
                .forEach(rule -> rule.was().ifPresent(was -> {
                    String other = heirs.putIfAbsent(was, rule.name());
                    YamlNode node = written.get(rule.name());
                    if (node instanceof Mapping mapping) {
                        YamlNode at = mapping.get("was").orElse(mapping);
                        if (rules.containsKey(was)) {
                            problems.error(at, "there still is a rule \"" + was + "\"; its state is its own");
                        } else if (other != null) {
                            problems.error(at, "\"" + was + "\" was the name of " + other + " already");
                        }
                    }
                }));
    }
}
