package io.inferwatch.rules.load;

import io.inferwatch.collector.catalogue.NearestName;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.RuleTest;
import io.inferwatch.rules.Signal;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problem;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import io.inferwatch.rules.yaml.YamlReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Makes a rule set of the text of rule files, or tells all that is wrong with them at once. Reads no file and no secret.
 * Any thread.
 */
public final class RuleLoader {
    private static final String PACK = "/io/inferwatch/rules/builtin.yml";
    private static final String SCHEMA = "/io/inferwatch/rules/rules.schema.json";

    /** Names the engine uses for its own alerts. */
    static final Set<String> RESERVED = Set.of("sidecar_rule_error", "sidecar_too_many_instances");

    private final Set<String> configuredLabels;
    private final ReceiverChecker receivers;

    /**
     * @param configuredLabels labels that series carry by configuration, beyond the catalogue's
     * @param receivers checks each receiver's own settings
     */
    public RuleLoader(Set<String> configuredLabels, ReceiverChecker receivers) {
        this.configuredLabels = Set.copyOf(configuredLabels);
        this.receivers = receivers;
    }

    /** The built-in pack, in the name and text it has in the jar. */
    public static RuleFile builtin() {
        return new RuleFile("builtin.yml", resource(PACK));
    }

    /** The form of a rules file as a JSON Schema, for editors. */
    public static String schema() {
        return resource(SCHEMA);
    }

    private static String resource(String path) {
        try (InputStream in = RuleLoader.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException(path + " is missing from the jar");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path + " cannot be read", e);
        }
    }

    /**
     * @param files in the order their routes count; none: the built-in pack alone
     * @return the tests of an included pack are not among the set's: they were run when the pack was built
     */
    public LoadResult load(List<RuleFile> files) {
        Problems problems = new Problems();
        Document document = merged(files, problems);
        if (problems.hasErrors() && document.rules.isEmpty()) {
            return new LoadResult(Optional.empty(), sorted(problems));
        }
        RuleSet rules = read(document, problems);
        return new LoadResult(problems.hasErrors() ? Optional.empty() : Optional.of(rules), sorted(problems));
    }

    /**
     * What {@link #load} would read of these files, brought together into the text of one: the pack under it where it is
     * included, without what is disabled, without tests, written-out secrets hidden.
     */
    public String print(List<RuleFile> files) {
        Problems problems = new Problems();
        Document document = merged(files, problems);
        disable(document, problems);
        return MergedText.of(document);
    }

    private static Document merged(List<RuleFile> files, Problems problems) {
        Document document = new Document(problems);
        for (RuleFile file : files) {
            YamlReader.read(file.name(), file.text(), problems).ifPresent(document::add);
        }
        if (document.includesBuiltin || files.isEmpty()) {
            Document pack = new Document(problems);
            RuleFile builtin = builtin();
            YamlReader.read(builtin.name(), builtin.text(), problems).ifPresent(pack::add);
            document.putOver(pack);
        }
        return document;
    }

    private RuleSet read(Document document, Problems problems) {
        disable(document, problems);
        Set<String> ruleNames = new TreeSet<>(document.rules.keySet());
        RESERVED.stream()
                .filter(document.rules::containsKey)
                .forEach(name -> problems.error(
                        document.rules.getOrDefault(name, emptyNode()),
                        "the engine uses this name for an alert of its own"));
        SignalsReader signalsReader = new SignalsReader(document.signals, problems, configuredLabels);
        Map<String, Signal> signals = signalsReader.readAll();
        RuleReader.Defaults defaults = defaults(document, problems);
        ConditionReader conditions = new ConditionReader(signals, document.signals.keySet(), ruleNames, problems);
        RuleReader ruleReader = new RuleReader(
                conditions, new BurnRateReader(problems, signalsReader.reader(), signals), defaults, problems);
        Map<String, Rule> rules = new LinkedHashMap<>();
        document.rules.forEach((name, node) -> MappingReader.of(node, problems)
                .flatMap(reader -> ruleReader.read(name, reader))
                .ifPresent(rule -> rules.put(name, rule)));
        RenameChecks.check(rules, document.rules, problems);
        List<Rule> ordered = new RuleOrder(rules, document.rules, problems).order();
        ReferenceChecks references = new ReferenceChecks(ordered, problems);
        references.check(conditions.references());
        ruleReader.overridden().forEach(references::check);
        NotificationPlan plan = new PlanReader(problems, receivers, ruleNames)
                .read(document)
                .withFormerNames(formerNames(rules))
                .withRuleLabels(labels(rules));
        if (plan.routes().size() == document.routes.size()) {
            RouteChecks.sameGroups(ordered, plan.routes(), document.routes, problems);
            RouteChecks.everyRouteTells(plan.routes(), document.routes, problems);
            RouteChecks.everyTierIsTaken(ordered, plan.routes(), document.routes, problems);
        }
        if (rules.size() == document.rules.size()) {
            new LabelChecks(ordered, references.labels(), configuredLabels, problems).check(document);
        }
        warnWhereNobodyIsTold(document, problems);
        List<RuleTest> tests = tests(document, ruleNames, ordered, problems);
        return new RuleSet(defaults.every(), signals, ordered, plan, tests);
    }

    private static Map<String, String> formerNames(Map<String, Rule> rules) {
        Map<String, String> names = new LinkedHashMap<>();
        rules.values().forEach(rule -> rule.was().ifPresent(was -> names.put(rule.name(), was)));
        return names;
    }

    private static Map<String, Map<String, String>> labels(Map<String, Rule> rules) {
        Map<String, Map<String, String>> labels = new LinkedHashMap<>();
        rules.values().stream()
                .filter(rule -> !rule.texts().labels().isEmpty())
                .forEach(rule -> labels.put(rule.name(), rule.texts().labels()));
        return labels;
    }

    private static List<RuleTest> tests(
            Document document, Set<String> ruleNames, List<Rule> ordered, Problems problems) {
        TestReader reader =
                new TestReader(problems, ruleNames, RuleOrder.signalsOf(ordered), RuleOrder.labelsOfSignals(ordered));
        List<RuleTest> tests = new ArrayList<>();
        for (YamlNode node : document.tests) {
            MappingReader.of(node, problems).flatMap(reader::read).ifPresent(tests::add);
        }
        return tests;
    }

    private static void disable(Document document, Problems problems) {
        for (Scalar name : document.disabled) {
            if (document.rules.remove(name.text()) == null) {
                Optional<String> hint = NearestName.among(document.rules.keySet(), name.text())
                        .map(nearest -> "did you mean \"" + nearest + "\"?");
                String message = "unknown rule \"" + name.text() + "\"";
                problems.add(new Problem(name.position(), name.path(), message, hint, false));
            }
        }
    }

    private static RuleReader.Defaults defaults(Document document, Problems problems) {
        RuleReader.Defaults fallback = RuleReader.Defaults.NONE;
        if (document.defaults.isEmpty()) {
            return fallback;
        }
        MappingReader reader = document.defaults.get();
        reader.has("flap");
        RuleReader.Defaults defaults = new RuleReader.Defaults(
                reader.duration("every", Duration.ofSeconds(1), Duration.ofMinutes(5))
                        .orElse(fallback.every()),
                reader.duration("clear_for", Duration.ZERO, Duration.ofDays(30)).orElse(fallback.clearFor()),
                RuleReader.noData(reader, fallback.noData(), problems),
                (int) reader.integer("max_instances", 1, 100_000).orElse(fallback.maxInstances()),
                RuleReader.grace(reader));
        reader.refuseUnknown();
        return defaults;
    }

    private static void warnWhereNobodyIsTold(Document document, Problems problems) {
        if (document.routes.isEmpty() && !document.rules.isEmpty()) {
            YamlNode first = document.rules.values().iterator().next();
            problems.warning(first, "there are no routes: nobody is told of any alert");
        }
    }

    private static YamlNode emptyNode() {
        return new Scalar(new io.inferwatch.rules.yaml.Position("", 1, 1), "", "", false);
    }

    /** Each once, by file and position; a merged or inherited node is read more than once. */
    private static List<Problem> sorted(Problems problems) {
        Set<Problem> seen = new HashSet<>();
        return problems.list().stream()
                .filter(seen::add)
                .sorted(Comparator.comparing((Problem p) -> p.position().file())
                        .thenComparingInt(p -> p.position().line())
                        .thenComparingInt(p -> p.position().column()))
                .toList();
    }
}
