package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.YamlNode;

/**
 * One key in force.
 *
 * @param origin {@code default}, {@code flag}, an environment variable's name, or {@code file:line}
 */
public record Setting(ConfigKey key, YamlNode value, String origin) {
    /** Whether it is what it would be unsaid, also where somebody wrote the default out. */
    public boolean isDefault() {
        return origin.equals("default")
                || (value instanceof YamlNode.Scalar scalar && scalar.text().equals(key.defaultText()));
    }
}
