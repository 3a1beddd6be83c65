package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.ByteSizes;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Every key in force, already checked to be of its form. Immutable. Asking for a key that does not exist is a bug. */
public final class Configuration {
    private final Map<String, Setting> settings;
    private final List<String> warnings;

    Configuration(Map<String, Setting> settings, List<String> warnings) {
        this.settings = new LinkedHashMap<>(settings);
        this.warnings = List.copyOf(warnings);
    }

    /** Said once at start: variables that were ignored. */
    public List<String> warnings() {
        return warnings;
    }

    public Collection<Setting> settings() {
        return List.copyOf(settings.values());
    }

    public String text(String key) {
        return scalar(node(key));
    }

    /** Empty when the key holds no text. */
    public Optional<String> optionalText(String key) {
        return Optional.of(text(key)).filter(text -> !text.isBlank());
    }

    public Optional<Path> optionalPath(String key) {
        return optionalText(key).map(Path::of);
    }

    public int integer(String key) {
        return Integer.parseInt(text(key));
    }

    public boolean flag(String key) {
        return Boolean.parseBoolean(text(key));
    }

    public Duration duration(String key) {
        return Durations.parse(text(key)).orElseThrow();
    }

    public long bytes(String key) {
        return ByteSizes.parse(text(key)).orElseThrow();
    }

    public List<String> texts(String key) {
        return node(key) instanceof Sequence sequence
                ? sequence.items().stream().map(Configuration::scalar).toList()
                : List.of();
    }

    public Map<String, String> textMap(String key) {
        Map<String, String> map = new LinkedHashMap<>();
        if (node(key) instanceof Mapping mapping) {
            mapping.entries().forEach((name, entry) -> map.put(name, scalar(entry.value())));
        }
        return map;
    }

    public Map<String, Duration> durationMap(String key) {
        Map<String, Duration> map = new LinkedHashMap<>();
        textMap(key).forEach((name, text) -> map.put(name, Durations.parse(text).orElseThrow()));
        return map;
    }

    public YamlNode node(String key) {
        return setting(key).value();
    }

    public Setting setting(String key) {
        return Optional.ofNullable(settings.get(key))
                .orElseThrow(() -> new IllegalArgumentException("no configuration key " + key));
    }

    private static String scalar(YamlNode node) {
        return node instanceof Scalar scalar ? scalar.text() : "";
    }
}
