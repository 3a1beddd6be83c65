package io.inferwatch.rules.load;

import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sections of one or more files brought together, not yet read. */
final class Document {
    final Map<String, YamlNode> signals = new LinkedHashMap<>();
    final Map<String, YamlNode> rules = new LinkedHashMap<>();
    final Map<String, YamlNode> receivers = new LinkedHashMap<>();
    final List<YamlNode> routes = new ArrayList<>();
    final List<YamlNode> tests = new ArrayList<>();
    final List<YamlNode> inhibitions = new ArrayList<>();
    /** Those of an included pack; what they name may be disabled. */
    final List<YamlNode> packInhibitions = new ArrayList<>();

    final Map<String, YamlNode> muteTimes = new LinkedHashMap<>();
    final List<YamlNode> silences = new ArrayList<>();
    Optional<YamlNode> watchdog = Optional.empty();
    final List<Scalar> disabled = new ArrayList<>();
    Optional<MappingReader> defaults = Optional.empty();
    boolean includesBuiltin;

    private final Problems problems;

    Document(Problems problems) {
        this.problems = problems;
    }

    void add(Mapping file) {
        MappingReader reader = new MappingReader(file, problems);
        if (reader.require("version") && !reader.text("version").equals(Optional.of("1"))) {
            reader.error("version", "this release reads version 1");
        }
        for (Scalar include : reader.scalars("include").orElse(List.of())) {
            includesBuiltin |= include.text().equals("builtin");
            if (!include.text().equals("builtin")) {
                problems.error(include, "\"" + include.text() + "\" cannot be included; there is builtin");
            }
        }
        disabled.addAll(reader.scalars("disable").orElse(List.of()));
        Optional<MappingReader> own = reader.mapping("defaults");
        if (own.isPresent() && defaults.isPresent()) {
            reader.error("defaults", "defaults stand in another file already");
        }
        defaults = defaults.or(() -> own);
        section(reader, "signals", signals);
        section(reader, "rules", rules);
        section(reader, "receivers", receivers);
        reader.sequence("routes").ifPresent(list -> routes.addAll(list.items()));
        reader.sequence("tests").ifPresent(list -> tests.addAll(list.items()));
        addMuting(reader);
        reader.refuseUnknown();
    }

    private void addMuting(MappingReader reader) {
        reader.sequence("inhibit").ifPresent(list -> inhibitions.addAll(list.items()));
        section(reader, "mute_times", muteTimes);
        reader.sequence("silences").ifPresent(list -> silences.addAll(list.items()));
        Optional<YamlNode> own = reader.node("watchdog");
        if (own.isPresent() && watchdog.isPresent()) {
            reader.error("watchdog", "a watchdog stands in another file already");
        }
        watchdog = watchdog.or(() -> own);
    }

    private void section(MappingReader reader, String key, Map<String, YamlNode> into) {
        reader.mapping(key).ifPresent(section -> {
            for (Map.Entry<String, Entry> entry : section.mapping().entries().entrySet()) {
                YamlNode earlier =
                        into.putIfAbsent(entry.getKey(), entry.getValue().value());
                if (earlier != null) {
                    section.error(entry.getKey(), "stands already at " + earlier.position());
                }
            }
        });
    }

    /** Puts this document over the built-in pack: signals and rules key by key, receivers and routes as a whole. */
    void putOver(Document pack) {
        merge(pack.signals, signals);
        merge(pack.rules, rules);
        packInhibitions.addAll(pack.inhibitions);
        if (receivers.isEmpty() && routes.isEmpty()) {
            receivers.putAll(pack.receivers);
            routes.addAll(pack.routes);
        }
    }

    private static void merge(Map<String, YamlNode> below, Map<String, YamlNode> above) {
        Map<String, YamlNode> merged = new LinkedHashMap<>(below);
        above.forEach((name, node) -> merged.merge(name, node, Document::merged));
        above.clear();
        above.putAll(merged);
    }

    private static YamlNode merged(YamlNode below, YamlNode above) {
        return below instanceof Mapping b && above instanceof Mapping a ? YamlMerge.over(b, a) : above;
    }
}
