package io.inferwatch.api.config;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Puts the configuration together: a flag beats the environment, which beats the file, which beats the default. */
public final class ConfigReader {
    private static final String PREFIX = "INFERWATCH_";
    /** Read by the launcher, which is no key of the configuration. */
    private static final Set<String> LAUNCHER_VARIABLES = Set.of("INFERWATCH_JVM_FLAGS", "INFERWATCH_SKIP_BUILD");

    private final Map<String, Setting> settings = new LinkedHashMap<>();
    private final Problems problems = new Problems();
    private final List<String> warnings = new ArrayList<>();

    private ConfigReader() {}

    /**
     * @param file as asked for by {@code --config}; empty: {@code ./inferwatch.yml} where it exists
     * @param flags key → value, as given on the command line
     * @throws ConfigException with all that is wrong
     */
    public static Configuration read(Optional<Path> file, Map<String, String> environment, Map<String, String> flags) {
        ConfigReader reader = new ConfigReader();
        ConfigKey.ALL.forEach(key -> reader.put(key, parsed("default", key, key.defaultText()), "default"));
        Path path = file.orElse(Path.of("inferwatch.yml"));
        reader.readFile(path, file.isPresent());
        reader.readEnvironment(environment);
        flags.forEach(reader::readFlag);
        if (reader.problems.hasErrors()) {
            throw new ConfigException(reader.problems.list().stream()
                    .filter(problem -> !problem.warning())
                    .map(Problem::toString)
                    .collect(Collectors.toList()));
        }
        return new Configuration(reader.settings, reader.warnings);
    }

    private void readFile(Path path, boolean required) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(path);
        } catch (NoSuchFileException e) {
            if (required) {
                throw new ConfigException(List.of(path + ": there is no such file"));
            }
            return;
        } catch (IOException e) {
            throw new ConfigException(List.of(path + ": cannot be read: " + e.getMessage()));
        }
        YamlReader.read(String.valueOf(path.getFileName()), bytes, problems).ifPresent(root -> walk(root, ""));
    }

    private void walk(Mapping mapping, String prefix) {
        for (Map.Entry<String, Entry> entry : mapping.entries().entrySet()) {
            String name = prefix + entry.getKey();
            YamlNode value = entry.getValue().value();
            Optional<ConfigKey> key = ConfigKey.find(name);
            boolean isGroup = ConfigKey.ALL.stream().anyMatch(k -> k.name().startsWith(name + "."));
            if (key.isPresent()) {
                take(
                        key.get(),
                        value,
                        value.position().file() + ":" + value.position().line());
            } else if (isGroup && value instanceof Mapping group) {
                walk(group, name + ".");
            } else if (!(isGroup && value instanceof Scalar scalar && scalar.isNull())) {
                String message = isGroup ? "a mapping of keys is expected here" : "unknown key \"" + name + "\"";
                problems.add(new Problem(
                        entry.getValue().keyPosition(), name, message, isGroup ? Optional.empty() : hint(name), false));
            }
        }
    }

    private void take(ConfigKey key, YamlNode value, String origin) {
        if (value instanceof Scalar scalar && scalar.isNull() && key.form() != ConfigKey.Form.TEXT) {
            return;
        }
        Optional<String> misfit = Forms.misfit(key, value);
        misfit.ifPresent(message -> problems.error(value, message));
        if (misfit.isEmpty()) {
            put(key, value, origin);
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        for (Map.Entry<String, String> variable : new TreeMap<>(environment).entrySet()) {
            String name = variable.getKey();
            if (!name.startsWith(PREFIX) || LAUNCHER_VARIABLES.contains(name)) {
                continue;
            }
            Optional<ConfigKey> key = ConfigKey.ALL.stream()
                    .filter(k -> k.environmentName().equals(name))
                    .findFirst();
            Optional<YamlNode> value = key.flatMap(k -> parsedLeniently(name, k, variable.getValue()));
            if (key.isEmpty()) {
                warnings.add(name + ": no such setting; ignored");
            } else if (value.isEmpty()) {
                warnings.add(name + ": is not " + key.get().form().description() + "; ignored");
            } else {
                put(key.get(), value.get(), name);
            }
        }
    }

    private void readFlag(String name, String text) {
        ConfigKey key = ConfigKey.find(name).orElseThrow(() -> new IllegalArgumentException("no key " + name));
        YamlNode value = new Scalar(new Position("command line", 1, 1), name, text, true);
        take(key, value, "flag");
    }

    private void put(ConfigKey key, YamlNode value, String origin) {
        settings.put(key.name(), new Setting(key, value, origin));
    }

    private static Optional<YamlNode> parsedLeniently(String variable, ConfigKey key, String text) {
        try {
            YamlNode node = parsed(variable, key, text);
            return Forms.misfit(key, node).isPresent() ? Optional.empty() : Optional.of(node);
        } catch (ConfigException e) {
            return Optional.empty();
        }
    }

    /** Text is taken as it is; lists and mappings as inline YAML. */
    private static YamlNode parsed(String source, ConfigKey key, String text) {
        Position start = new Position(source, 1, 1);
        return switch (key.form()) {
            case TEXT, INTEGER, DURATION, BYTES, BOOLEAN -> new Scalar(start, key.name(), text, true);
            case TEXT_LIST, TEXT_MAP, DURATION_MAP, COUNT_OR_LIST, TREE -> {
                Problems found = new Problems();
                Optional<Mapping> root = YamlReader.read(source, "value: " + text, found);
                if (root.isEmpty() || found.hasErrors()) {
                    throw new ConfigException(List.of(source + ": not YAML"));
                }
                yield root.get().get("value").orElseThrow();
            }
        };
    }

    /** Groups are names too: {@code htp} means {@code http}. A name is looked for among those as deep as it is. */
    private static Optional<String> hint(String name) {
        Set<String> known = new TreeSet<>();
        for (ConfigKey key : ConfigKey.ALL) {
            known.add(key.name());
            for (int dot = key.name().indexOf('.'); dot > 0; dot = key.name().indexOf('.', dot + 1)) {
                known.add(key.name().substring(0, dot));
            }
        }
        known.removeIf(candidate -> depth(candidate) != depth(name));
        return NearestName.among(known, name).map(nearest -> "did you mean \"" + nearest + "\"?");
    }

    private static long depth(String name) {
        return name.chars().filter(c -> c == '.').count();
    }
}
