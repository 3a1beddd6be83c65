package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.prometheus.ConditionTranslator.Draft;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A rule to be written.
 *
 * @param signals bodies by name
 * @param lines of the rule, below its name
 */
record RuleDraft(String name, Map<String, String> signals, List<String> lines, List<String> warnings) {
    private static final Map<String, String> TIERS = Map.ofEntries(
            Map.entry("critical", "P0"),
            Map.entry("page", "P1"),
            Map.entry("error", "P1"),
            Map.entry("high", "P1"),
            Map.entry("major", "P1"),
            Map.entry("warning", "P2"),
            Map.entry("warn", "P2"),
            Map.entry("info", "P3"),
            Map.entry("p0", "P0"),
            Map.entry("p1", "P1"),
            Map.entry("p2", "P2"),
            Map.entry("p3", "P3"));
    private static final Pattern PLACE = Pattern.compile("\\{\\{-?\\s*(.*?)\\s*-?}}");
    private static final Pattern LABEL = Pattern.compile("\\$labels\\.([A-Za-z_][A-Za-z0-9_]*)");
    private static final Pattern VALUE = Pattern.compile("(?:printf \"[^\"]*\" )?\\$value(?:\\s*\\|.*)?");
    /** Below anything that is measured: such a tier fires by missing data alone. */
    private static final double NEVER = -99_999_999;

    static RuleDraft of(Mapping rule, String name, Draft condition) {
        RuleDraft draft = new RuleDraft(name, new LinkedHashMap<>(), new ArrayList<>(), new ArrayList<>());
        String tier = draft.tier(rule);
        String times = PrometheusImport.duration(rule, "for")
                        .map(text -> "for: " + text + ", ")
                        .orElse("") + "clear_for: "
                + PrometheusImport.duration(rule, "keep_firing_for").orElse("0s");
        draft.condition(
                condition, tier, times, PrometheusImport.duration(rule, "for").orElse("0s"));
        draft.texts(rule);
        return draft;
    }

    private String tier(Mapping rule) {
        String severity = labels(rule).getOrDefault("severity", "");
        String tier = TIERS.get(severity.toLowerCase(Locale.ROOT));
        if (tier == null) {
            warnings.add(
                    severity.isEmpty()
                            ? "without a severity it is P2"
                            : "the severity \"" + severity + "\" is not known, so it is P2");
            return "P2";
        }
        return tier;
    }

    private static Map<String, String> labels(Mapping rule) {
        return texts(rule.get("labels"));
    }

    private static Map<String, String> texts(Optional<YamlNode> node) {
        Map<String, String> texts = new LinkedHashMap<>();
        if (node.isPresent() && node.get() instanceof Mapping mapping) {
            mapping.entries().forEach((key, entry) -> {
                if (entry.value() instanceof Scalar scalar) {
                    texts.put(key, scalar.text());
                }
            });
        }
        return texts;
    }

    private void condition(Draft condition, String tier, String times, String held) {
        switch (condition) {
            case Draft.Leaf leaf when !leaf.negated() -> single(leaf, tier, times, "{policy: clear, after: 1m}");
            case Draft.Absent absent -> absent(absent, tier, times, held);
            case Draft.Of of
            when of.word().equals("or_absent") -> {
                warnings.add("absent is told of each series that is gone, there only when all are");
                single((Draft.Leaf) of.parts().getFirst(), tier, times, alert(tier, held));
            }
            case Draft.Leaf leaf -> composite(leaf, tier, times);
            case Draft.Of of -> composite(of, tier, times);
        }
    }

    private static String alert(String tier, String held) {
        return "{policy: alert, after: " + held + ", tier: " + tier + "}";
    }

    private void single(Draft.Leaf leaf, String tier, String times, String noData) {
        lines.add("signal: " + signal(leaf.signal()));
        leaf.every()
                .ifPresent(every -> lines.add("compare: {to: same_time, every: " + every
                        + ", cycles: 1, as: times, min_points: 1, exclude_max: 0s}"));
        lines.add("no_data: " + noData);
        String limit = leaf.negated()
                ? "not: {signal: " + signal(leaf.signal()) + ", equals: " + leaf.limit() + "}"
                : leaf.word() + ": " + leaf.limit();
        lines.add("tiers: {" + tier + ": {" + limit + ", " + times + "}}");
    }

    private void absent(Draft.Absent absent, String tier, String times, String held) {
        warnings.add(
                "a series that was never there is not missed here; GET /api/v1/rules names it under never_matched");
        lines.add("signal: " + signal(absent.signal()));
        lines.add("no_data: " + alert(tier, held));
        lines.add("tiers: {" + tier + ": {below: "
                + absent.signal().limit(NEVER / absent.signal().factor()) + ", " + times + "}}");
    }

    private void composite(Draft draft, String tier, String times) {
        lines.add("no_data: {policy: clear, after: 1m}");
        String inner = flow(draft);
        lines.add("tiers: {" + tier + ": {" + inner.substring(1, inner.length() - 1) + ", " + times + "}}");
    }

    private String flow(Draft draft) {
        return switch (draft) {
            case Draft.Leaf leaf -> {
                if (leaf.every().isPresent()) {
                    throw new Refusal("a ratio to the past is translated alone, not within and or or");
                }
                String plain = "{signal: " + signal(leaf.signal()) + ", " + leaf.word() + ": " + leaf.limit() + "}";
                yield leaf.negated() ? "{not: " + plain + "}" : plain;
            }
            case Draft.Absent absent -> throw new Refusal("absent within and or or is not translated");
            case Draft.Of of -> {
                if (of.word().equals("or_absent")) {
                    throw new Refusal("absent within and or or is not translated");
                }
                yield "{" + of.word() + ": ["
                        + of.parts().stream().map(this::flow).collect(Collectors.joining(", ")) + "]}";
            }
        };
    }

    private String signal(SignalDraft draft) {
        for (Map.Entry<String, String> known : signals.entrySet()) {
            if (known.getValue().equals(draft.body())) {
                return known.getKey();
            }
        }
        String own = name.toLowerCase(Locale.ROOT).replace('-', '_') + "_signal"
                + (signals.isEmpty() ? "" : signals.size() + 1);
        signals.put(own, draft.body());
        return own;
    }

    private void texts(Mapping rule) {
        Map<String, String> annotations = texts(rule.get("annotations"));
        text("summary", annotations.get("summary"));
        text("description", Optional.ofNullable(annotations.get("description")).orElse(annotations.get("message")));
        Optional.ofNullable(annotations.get("runbook_url"))
                .or(() -> Optional.ofNullable(annotations.get("runbook")))
                .ifPresent(url -> lines.add("runbook: " + Yaml.quoted(url)));
        String labels = labels(rule).entrySet().stream()
                .filter(label -> !label.getKey().equals("severity"))
                .filter(label -> !label.getValue().contains("{{"))
                .map(label -> label.getKey() + ": " + Yaml.quoted(label.getValue()))
                .collect(Collectors.joining(", "));
        if (!labels.isEmpty()) {
            lines.add("labels: {" + labels + "}");
        }
    }

    private void text(String key, @org.jspecify.annotations.Nullable String template) {
        if (template == null) {
            return;
        }
        StringBuilder own = new StringBuilder();
        Matcher place = PLACE.matcher(template.strip().replaceAll("\\s*\\n\\s*", " "));
        while (place.find()) {
            place.appendReplacement(own, Matcher.quoteReplacement(place(key, place.group(1))));
        }
        place.appendTail(own);
        lines.add(key + ": " + Yaml.quoted(own.toString()));
    }

    private String place(String key, String inside) {
        Matcher label = LABEL.matcher(inside);
        if (label.matches()) {
            String own = label.group(1).equals("model_name")
                    ? "model"
                    : label.group(1).equals("instance") ? "server" : label.group(1);
            return "{{ labels." + own + " }}";
        }
        if (VALUE.matcher(inside).matches()) {
            return "{{ value }}";
        }
        warnings.add("in " + key + " {{ " + inside + " }} is logic, which templates here have none of; left out");
        return "…";
    }

    /** A rules file of these, without receivers and routes. */
    static String file(Collection<RuleDraft> drafts) {
        StringBuilder out = new StringBuilder("version: 1\n");
        if (!drafts.isEmpty()) {
            out.append("\nsignals:\n");
            drafts.forEach(draft -> draft.signals.forEach((name, body) ->
                    out.append("  ").append(name).append(": {").append(body).append("}\n")));
            out.append("\nrules:\n");
            drafts.forEach(draft -> {
                out.append("  ").append(draft.name).append(":\n");
                draft.lines.forEach(line -> out.append("    ").append(line).append('\n'));
            });
        }
        return out.toString();
    }
}
