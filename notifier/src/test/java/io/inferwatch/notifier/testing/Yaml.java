package io.inferwatch.notifier.testing;

import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.YamlNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Receivers as the rules file has them. */
public final class Yaml {
    private Yaml() {}

    /** @param settings strings, lists of them and maps */
    public static Receiver receiver(String name, String type, Map<String, Object> settings) {
        Map<String, Object> all = new LinkedHashMap<>(settings);
        all.put("type", type);
        Optional<String> fallback = Optional.ofNullable((String) settings.get("fallback"));
        return new Receiver(name, type, fallback, (YamlNode.Mapping) node("receivers." + name, 7, all));
    }

    private static YamlNode node(String path, int line, Object value) {
        Position position = new Position("rules.yml", line, 5);
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
                map.forEach((key, each) -> entries.put(
                        key.toString(), new YamlNode.Entry(position, node(path + "." + key, line + 1, each))));
                yield new YamlNode.Mapping(position, path, entries);
            }
            case List<?> list ->
                new YamlNode.Sequence(
                        position,
                        path,
                        list.stream().map(each -> node(path, line, each)).toList());
            default -> new YamlNode.Scalar(position, path, value.toString(), false);
        };
    }
}
