package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.YamlNode;

/**
 * One key in force.
 *
 * @param origin {@code default}, {@code flag}, an environment variable's name, or {@code file:line}
 */
public record Setting(ConfigKey key, YamlNode value, String origin) {}
