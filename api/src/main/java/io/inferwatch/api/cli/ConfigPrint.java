package io.inferwatch.api.cli;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.Setting;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The configuration in force as {@code key: value # origin}, a line a key, secrets hidden. Pure. */
final class ConfigPrint {
    /** A password in a JDBC address, as a parameter or before the host. */
    private static final Pattern URL_SECRET =
            Pattern.compile("(?i)((?:password|secret|token)=)[^&;]*|(//[^/@:]*:)[^/@]*(?=@)");

    private static final Pattern SECRET_KEY = Pattern.compile("(?i).*(password|secret|token|api_?key|routing_key)");
    private static final String HIDDEN = "<hidden>";

    private ConfigPrint() {}

    static String of(Configuration configuration) {
        Table table = new Table("KEY", "VALUE", "FROM");
        for (Setting setting : configuration.settings()) {
            table.row(setting.key().name(), shown(setting.key().name(), setting.value()), setting.origin());
        }
        return table.toString();
    }

    /** The same for programs: {@code {"settings":[{"key","value","from"}]}}. */
    static String json(Configuration configuration) {
        return Json.text(Map.of(
                        "settings",
                        configuration.settings().stream()
                                .map(ConfigPrint::asMap)
                                .toList()))
                + "\n";
    }

    private static Map<String, Object> asMap(Setting setting) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("key", setting.key().name());
        boolean isEmpty =
                setting.value() instanceof Scalar scalar && scalar.text().isEmpty();
        shown.put("value", isEmpty ? "" : shown(setting.key().name(), setting.value()));
        shown.put("from", setting.origin());
        return shown;
    }

    private static String shown(String key, YamlNode value) {
        return switch (value) {
            case Scalar scalar when isSecret(key) && !scalar.text().isEmpty() -> HIDDEN;
            case Scalar scalar -> scalar.text().isEmpty() ? "\"\"" : masked(scalar.text());
            case Sequence sequence ->
                sequence.items().stream().map(item -> shown(key, item)).collect(Collectors.joining(", ", "[", "]"));
            case Mapping mapping ->
                mapping.entries().entrySet().stream()
                        .map(entry -> entry.getKey() + ": "
                                + shown(entry.getKey(), entry.getValue().value()))
                        .collect(Collectors.joining(", ", "{", "}"));
        };
    }

    /** A key that ends in {@code _file} names where the secret lies, and may be shown. */
    private static boolean isSecret(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return SECRET_KEY.matcher(last).matches();
    }

    private static String masked(String text) {
        return URL_SECRET.matcher(text).replaceAll("$1$2" + HIDDEN);
    }
}
