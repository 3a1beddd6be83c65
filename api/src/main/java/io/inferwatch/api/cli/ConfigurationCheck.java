package io.inferwatch.api.cli;

import io.inferwatch.api.config.ConfigException;
import io.inferwatch.api.config.ConfigKey;
import io.inferwatch.api.config.ConfigReader;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What {@code inferwatch check} says of a configuration file. */
final class ConfigurationCheck {
    /** Words that both kinds of file begin with. */
    private static final Set<String> IN_BOTH = Set.of("rules", "labels");

    private static final Set<String> OWN_KEYS = ConfigKey.ALL.stream()
            .map(key -> key.name().split("\\.", 2)[0])
            .filter(key -> !IN_BOTH.contains(key))
            .collect(Collectors.toUnmodifiableSet());

    private ConfigurationCheck() {}

    /** Whether the file is a configuration: no version, which every rules file has, and a key no rules file has. */
    static boolean isConfiguration(Path file) {
        try {
            return Files.isRegularFile(file)
                    && YamlReader.read(file.toString(), Files.readAllBytes(file), new Problems())
                            .filter(root -> root.get("version").isEmpty())
                            .filter(root -> root.entries().keySet().stream().anyMatch(OWN_KEYS::contains))
                            .isPresent();
        } catch (IOException e) {
            return false;
        }
    }

    /** All that is wrong with it, whatever the environment adds; empty: it would start. */
    static List<String> problems(Path file) {
        try {
            ModuleConfigs.of(ConfigReader.read(Optional.of(file), Map.of(), Map.of()));
            return List.of();
        } catch (ConfigException e) {
            return e.problems();
        }
    }
}
