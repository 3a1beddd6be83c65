package io.inferwatch.api.config;

import io.inferwatch.rules.yaml.ByteSizes;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.List;
import java.util.Optional;

/** Whether what stands at a key is of the key's form. */
final class Forms {
    private Forms() {}

    /** What is wrong with it; empty when it will do. */
    static Optional<String> misfit(ConfigKey key, YamlNode node) {
        boolean fits = switch (key.form()) {
            case TEXT -> node instanceof Scalar;
            case INTEGER -> node instanceof Scalar s && s.text().matches("-?\\d{1,9}");
            case DURATION ->
                node instanceof Scalar s && Durations.parse(s.text()).isPresent();
            case BYTES -> node instanceof Scalar s && ByteSizes.parse(s.text()).isPresent();
            case BOOLEAN -> node instanceof Scalar s && List.of("true", "false").contains(s.text());
            case TEXT_LIST -> isTextList(node);
            case TEXT_MAP ->
                node instanceof Mapping m && m.entries().values().stream().allMatch(e -> e.value() instanceof Scalar);
            case DURATION_MAP ->
                node instanceof Mapping m
                        && m.entries().values().stream()
                                .allMatch(e -> e.value() instanceof Scalar s
                                        && Durations.parse(s.text()).isPresent());
            case COUNT_OR_LIST ->
                isTextList(node) || (node instanceof Scalar s && s.text().matches("auto|\\d{1,4}"));
            case TREE -> node instanceof Sequence;
        };
        return fits
                ? Optional.empty()
                : Optional.of(shown(node) + " is not " + key.form().description());
    }

    private static boolean isTextList(YamlNode node) {
        return node instanceof Sequence sequence && sequence.items().stream().allMatch(item -> item instanceof Scalar);
    }

    private static String shown(YamlNode node) {
        return switch (node) {
            case Scalar scalar -> "\"" + scalar.text() + "\"";
            case Sequence sequence -> "a list";
            case Mapping mapping -> "a mapping";
        };
    }
}
