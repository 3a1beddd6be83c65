package io.inferwatch.rules.yaml;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A parsed YAML node that remembers where it stands and by which keys it is reached ({@code rules.gpu_hot.tiers}). */
public sealed interface YamlNode {
    Position position();

    String path();

    /**
     * @param text as written, quotes removed
     * @param quoted whether it was quoted: a quoted {@code "5"} is text
     */
    record Scalar(Position position, String path, String text, boolean quoted) implements YamlNode {
        /** Whether nothing, {@code ~} or {@code null} stands there unquoted. */
        public boolean isNull() {
            return !quoted && (text.isEmpty() || text.equals("~") || text.equals("null"));
        }
    }

    record Sequence(Position position, String path, List<YamlNode> items) implements YamlNode {
        public Sequence {
            items = List.copyOf(items);
        }
    }

    record Mapping(Position position, String path, Map<String, Entry> entries) implements YamlNode {
        public Mapping {
            entries = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        public Optional<YamlNode> get(String key) {
            return Optional.ofNullable(entries.get(key)).map(Entry::value);
        }
    }

    /** @param keyPosition where the key stands; problems about the key point there */
    record Entry(Position keyPosition, YamlNode value) {}
}
