package io.inferwatch.rules.load;

import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import java.util.LinkedHashMap;
import java.util.Map;

/** One mapping over another, key by key; every node keeps the position it was written at. */
final class YamlMerge {
    private YamlMerge() {}

    static Mapping over(Mapping below, Mapping above) {
        Map<String, Entry> entries = new LinkedHashMap<>(below.entries());
        above.entries().forEach((key, entry) -> {
            Entry old = entries.get(key);
            YamlNode value = old != null
                            && old.value() instanceof Mapping oldMapping
                            && entry.value() instanceof Mapping newMapping
                    ? over(oldMapping, newMapping)
                    : entry.value();
            entries.put(key, new Entry(entry.keyPosition(), value));
        });
        return new Mapping(above.position(), above.path(), entries);
    }
}
