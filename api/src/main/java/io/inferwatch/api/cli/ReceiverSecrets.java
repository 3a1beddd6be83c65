package io.inferwatch.api.cli;

import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Secrets of a receiver that are named and cannot be read. */
final class ReceiverSecrets {
    private ReceiverSecrets() {}

    static List<String> unreadable(Mapping settings, Map<String, String> environment) {
        return settings.entries().entrySet().stream()
                .flatMap(entry -> problem(entry.getKey(), entry.getValue().value(), environment).stream())
                .toList();
    }

    private static Optional<String> problem(String key, YamlNode value, Map<String, String> environment) {
        if (!(value instanceof Mapping mapping)) {
            return Optional.empty();
        }
        Optional<String> file = text(mapping, "file");
        if (file.isPresent() && !Files.isReadable(Path.of(file.get()))) {
            return Optional.of(key + ": " + file.get() + " cannot be read; mend its path or mode");
        }
        return text(mapping, "env")
                .filter(name -> environment.getOrDefault(name, "").isBlank())
                .map(name -> key + ": the environment variable " + name
                        + " is not set here; set it where the sidecar is started");
    }

    private static Optional<String> text(Mapping mapping, String key) {
        return mapping.get(key)
                .flatMap(node -> node instanceof Scalar scalar ? Optional.of(scalar.text()) : Optional.empty());
    }
}
