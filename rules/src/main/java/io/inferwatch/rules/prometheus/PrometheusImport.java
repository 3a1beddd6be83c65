package io.inferwatch.rules.prometheus;

import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import io.inferwatch.rules.yaml.Durations;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlNode.Sequence;
import io.inferwatch.rules.yaml.YamlReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Translates a file of Prometheus alert rules. A rule either means here what it means there, or is refused with its name,
 * file, line and the reason; each translated one is loaded before it is given out. Any thread.
 */
public final class PrometheusImport {
    private final RuleLoader loader;

    /**
     * What became of a file.
     *
     * @param yaml a rules file of what could be translated, without routes
     * @param problems an error for each rule that was refused, warnings for what reads differently
     */
    public record Result(String yaml, int translated, int refused, List<Problem> problems) {
        public Result {
            problems = List.copyOf(problems);
        }
    }

    public PrometheusImport(RuleLoader loader) {
        this.loader = loader;
    }

    /** @param file named in every problem */
    public Result translate(String file, String text) {
        Problems problems = new Problems();
        Optional<Mapping> root = YamlReader.read(file, text, problems);
        if (root.isEmpty() || problems.hasErrors()) {
            return new Result("", 0, 0, problems.list());
        }
        List<Mapping> all = rules(root.get(), problems);
        Map<String, PromExpr> records = records(all);
        Map<String, RuleDraft> drafts = new LinkedHashMap<>();
        int refused = 0;
        for (Mapping rule : all) {
            Optional<String> name = text(rule, "alert");
            if (name.isPresent()) {
                refused += translate(rule, name.get(), records, drafts, problems) ? 0 : 1;
            }
        }
        return new Result(RuleDraft.file(drafts.values()), drafts.size(), refused, problems.list());
    }

    /** Of a plain file, or of a PrometheusRule of the operator. */
    private static List<Mapping> rules(Mapping root, Problems problems) {
        Optional<YamlNode> groups = root.get("groups")
                .or(() -> root.get("spec")
                        .filter(Mapping.class::isInstance)
                        .flatMap(spec -> ((Mapping) spec).get("groups")));
        if (groups.isEmpty()) {
            problems.error(
                    root, "no groups of rules stand here", "give a rules file of Prometheus or a PrometheusRule");
        }
        List<Mapping> rules = new ArrayList<>();
        for (YamlNode group : items(groups)) {
            for (YamlNode rule : items(group instanceof Mapping mapping ? mapping.get("rules") : Optional.empty())) {
                if (rule instanceof Mapping mapping) {
                    rules.add(mapping);
                } else {
                    problems.error(rule, "a rule is a mapping of keys");
                }
            }
        }
        return rules;
    }

    private static List<YamlNode> items(Optional<YamlNode> node) {
        return node.isPresent() && node.get() instanceof Sequence sequence ? sequence.items() : List.of();
    }

    static Optional<String> text(Mapping mapping, String key) {
        return mapping.get(key).filter(Scalar.class::isInstance).map(node -> ((Scalar) node).text());
    }

    /** Recording rules of the file that can be read; a rule that names another one is refused for that. */
    private static Map<String, PromExpr> records(List<Mapping> rules) {
        Map<String, PromExpr> records = new HashMap<>();
        for (Mapping rule : rules) {
            Optional<String> name = text(rule, "record");
            Optional<String> expr = text(rule, "expr");
            if (name.isPresent() && expr.isPresent()) {
                try {
                    records.put(name.get(), PromParser.parse(expr.get()));
                } catch (Refusal e) {
                    records.remove(name.get());
                }
            }
        }
        return records;
    }

    private boolean translate(
            Mapping rule,
            String name,
            Map<String, PromExpr> records,
            Map<String, RuleDraft> drafts,
            Problems problems) {
        YamlNode at = rule.get("expr").orElse(rule);
        try {
            String expr = text(rule, "expr").orElseThrow(() -> new Refusal("it has no expr"));
            PromExpr parsed = Recorded.inline(PromParser.parse(expr), records);
            RuleDraft draft = RuleDraft.of(rule, freeName(name, drafts), ConditionTranslator.condition(parsed));
            check(draft);
            drafts.put(draft.name(), draft);
            draft.warnings().forEach(warning -> problems.warning(at, name + ": " + warning));
            return true;
        } catch (Refusal e) {
            problems.error(at, name + " is not translated: " + e.why());
            return false;
        }
    }

    private static String freeName(String alert, Map<String, RuleDraft> taken) {
        String plain = alert.replaceAll("[^A-Za-z0-9_-]", "_").replaceFirst("^([^A-Za-z_])", "_$1");
        String name = plain.length() > 60 ? plain.substring(0, 60) : plain;
        for (int i = 2; taken.containsKey(name); i++) {
            name = (plain.length() > 60 ? plain.substring(0, 60) : plain) + "_" + i;
        }
        return name;
    }

    /** What the loader does not take is no translation. */
    private void check(RuleDraft draft) {
        LoadResult loaded = loader.load(List.of(new RuleFile("translated", RuleDraft.file(List.of(draft)))));
        loaded.problems().stream()
                .filter(problem -> !problem.warning())
                .findFirst()
                .ifPresent(problem -> {
                    throw new Refusal(problem.path() + ": " + problem.message());
                });
    }

    static Optional<String> duration(Mapping rule, String key) {
        return text(rule, key).map(text -> {
            if (text.equals("0")) {
                return "0s";
            }
            return Durations.parse(text)
                    .map(Durations::format)
                    .orElseThrow(() -> new Refusal(key + ": \"" + text + "\" is not translated; write one unit, 90s"));
        });
    }
}
