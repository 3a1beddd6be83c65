package io.inferwatch.rules.load;

import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.Position;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import io.inferwatch.rules.yaml.YamlReader;
import io.inferwatch.rules.yaml.YamlWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** A merged document as the text of one rules file, without its tests and with every written-out secret hidden. */
final class MergedText {
    static final String HIDDEN = "<hidden>";

    /** Settings of receivers that are no secrets; a plain value at any other key is hidden, new keys with it. */
    private static final Set<String> SHOWN = Set.of(
            "type",
            "fallback",
            "digest",
            "region",
            "severity",
            "mode",
            "channel",
            "update",
            "thread_updates",
            "mention");

    private static final Position NOWHERE = new Position("", 1, 1);

    private MergedText() {}

    static String of(Document document) {
        Map<String, YamlNode> sections = new LinkedHashMap<>();
        sections.put("version", new Scalar(NOWHERE, "version", "1", false));
        sections.put("defaults", defaults(document));
        sections.put("receivers", hidden(document.receivers));
        sections.put("routes", new Sequence(NOWHERE, "routes", document.routes));
        putMuting(document, sections);
        sections.put("signals", mapping(document.signals));
        sections.put("rules", mapping(document.rules));
        return YamlWriter.write(mapping(sections));
    }

    private static void putMuting(Document document, Map<String, YamlNode> sections) {
        List<YamlNode> inhibitions = new ArrayList<>(document.inhibitions);
        inhibitions.addAll(PackInhibitions.among(document.rules.keySet(), document.packInhibitions));
        if (!inhibitions.isEmpty()) {
            sections.put("inhibit", new Sequence(NOWHERE, "inhibit", inhibitions));
        }
        if (!document.muteTimes.isEmpty()) {
            sections.put("mute_times", mapping(document.muteTimes));
        }
        if (!document.silences.isEmpty()) {
            sections.put("silences", new Sequence(NOWHERE, "silences", document.silences));
        }
        document.watchdog.ifPresent(
                node -> sections.put("watchdog", node instanceof Mapping mapping ? hiddenWatchdog(mapping) : node));
    }

    private static Mapping hiddenWatchdog(Mapping settings) {
        Map<String, YamlNode> shown = new LinkedHashMap<>();
        settings.entries()
                .forEach(
                        (key, entry) -> shown.put(key, key.equals("url") ? hidden(key, entry.value()) : entry.value()));
        return mapping(shown);
    }

    /** What is written over what holds where nothing is. */
    private static Mapping defaults(Document document) {
        RuleReader.Defaults unsaid = RuleReader.Defaults.NONE;
        NoData noData = unsaid.noData();
        String text = "{every: %s, clear_for: %s, no_data: {policy: %s, after: %s}, max_instances: %d}"
                .formatted(
                        Durations.format(unsaid.every()),
                        Durations.format(unsaid.clearFor()),
                        noData.policy().name().toLowerCase(Locale.ROOT),
                        Durations.format(noData.after()),
                        unsaid.maxInstances());
        Mapping base = YamlReader.read("defaults", text, new Problems()).orElseThrow();
        return document.defaults
                .map(written -> YamlMerge.over(base, written.mapping()))
                .orElse(base);
    }

    private static Mapping hidden(Map<String, YamlNode> receivers) {
        Map<String, YamlNode> shown = new LinkedHashMap<>();
        receivers.forEach((name, node) -> shown.put(name, node instanceof Mapping settings ? hidden(settings) : node));
        return mapping(shown);
    }

    private static Mapping hidden(Mapping settings) {
        Map<String, YamlNode> shown = new LinkedHashMap<>();
        settings.entries().forEach((key, entry) -> shown.put(key, hidden(key, entry.value())));
        return mapping(shown);
    }

    private static YamlNode hidden(String key, YamlNode value) {
        boolean isShown = SHOWN.contains(key) || isReference(value);
        return isShown ? value : new Scalar(value.position(), value.path(), HIDDEN, true);
    }

    /** {@code {file: …}} and {@code {env: …}} say where a secret lies, not what it is. */
    private static boolean isReference(YamlNode value) {
        return value instanceof Mapping mapping
                && List.of("file", "env").containsAll(mapping.entries().keySet());
    }

    private static Mapping mapping(Map<String, YamlNode> nodes) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        nodes.forEach((name, node) -> entries.put(name, new Entry(NOWHERE, node)));
        return new Mapping(NOWHERE, "", entries);
    }
}
