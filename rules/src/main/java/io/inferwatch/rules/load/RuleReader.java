package io.inferwatch.rules.load;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.Condition;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Rule.NoData;
import io.inferwatch.rules.Rule.TierRule;
import io.inferwatch.rules.Template;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode;
import io.inferwatch.rules.yaml.YamlNode.Entry;
import io.inferwatch.rules.yaml.YamlNode.Mapping;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Reads one rule: tiers, overrides, what missing data means, texts. */
final class RuleReader {
    static final List<String> TIERS =
            Arrays.stream(Tier.values()).map(Tier::name).toList();

    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,63}");
    private static final List<String> POLICIES = List.of("keep", "clear", "alert", "ignore");
    private static final Duration LONGEST = Duration.ofDays(30);

    /** What a tier takes over from its rule when it says nothing itself. */
    private static final List<String> INHERITED = List.of(
            "signal",
            "compare",
            "rule",
            "tier",
            "match_on",
            "instances",
            "all",
            "any",
            "not",
            "of",
            "at_least",
            "score");

    /** What is told in any case, also right after a start. */
    private static final List<String> WITHOUT_GRACE = List.of("server_down", "all_failing", "gpu_lost");

    private final ConditionReader conditions;
    private final BurnRateReader burnRates;
    private final Defaults defaults;
    private final Problems problems;
    private final List<Overridden> overridden = new ArrayList<>();

    /** The labels of the instances that an override of a rule is for. */
    record Overridden(String rule, MappingReader where) {}

    /** What a rule takes over from {@code defaults}. */
    record Defaults(Duration every, Duration clearFor, NoData noData, int maxInstances, Optional<Rule.Grace> grace) {
        static final Defaults NONE = new Defaults(
                Duration.ofSeconds(5),
                Duration.ofMinutes(2),
                new NoData(NoData.Policy.KEEP, Duration.ofMinutes(3), Optional.empty(), Duration.ofHours(1)),
                200,
                Optional.empty());
    }

    RuleReader(ConditionReader conditions, BurnRateReader burnRates, Defaults defaults, Problems problems) {
        this.conditions = conditions;
        this.burnRates = burnRates;
        this.defaults = defaults;
        this.problems = problems;
    }

    Optional<Rule> read(String name, MappingReader rule) {
        if (!NAME.matcher(name).matches()) {
            problems.error(rule.mapping(), "a rule's name is letters, digits, _ and -, at most 64");
        }
        boolean isToldAlready = false;
        if (rule.has("burn_rate")) {
            Optional<BurnRateReader.Burn> burn =
                    rule.mapping("burn_rate").flatMap(node -> burnRates.read(name, node, rule.mapping()));
            conditions.use(name, burn);
            isToldAlready = burn.isEmpty();
        } else {
            conditions.use(name, Optional.empty());
        }
        INHERITED.forEach(rule::has);
        Duration clearFor = rule.duration("clear_for", Duration.ZERO, LONGEST).orElse(defaults.clearFor());
        NoData noData = noData(rule, defaults.noData(), problems);
        int maxInstances = (int) rule.integer("max_instances", 1, 100_000).orElse(defaults.maxInstances());
        Rule.Texts texts = texts(rule);
        Optional<Rule.Grace> grace = grace(name, rule);
        Optional<String> was = rule.text("was");
        Optional<Rule.OnFire> onFire =
                rule.oneOf("on_fire", List.of("gpu_burst")).map(word -> Rule.OnFire.GPU_BURST);
        Optional<Mapping> tiersNode =
                rule.require("tiers") ? rule.mapping("tiers").map(MappingReader::mapping) : Optional.empty();
        List<MappingReader> overrideNodes = rule.mappings("overrides");
        rule.refuseUnknown();
        if (tiersNode.isEmpty() || isToldAlready) {
            return Optional.empty();
        }
        SortedMap<Tier, TierRule> tiers = tiers(tiersNode.get(), rule.mapping(), clearFor);
        List<Rule.TierOverride> overrides = overrides(name, overrideNodes, tiersNode.get(), rule.mapping(), clearFor);
        if (tiers.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Rule(
                name, rule.mapping().position(), tiers, overrides, noData, maxInstances, texts, grace, was, onFire));
    }

    /** Every override read so far. */
    List<Overridden> overridden() {
        return List.copyOf(overridden);
    }

    private Optional<Rule.Grace> grace(String name, MappingReader rule) {
        boolean isWithout = WITHOUT_GRACE.contains(name);
        if (isWithout && rule.has("grace")) {
            rule.error("grace", name + " is told in any case: it has no grace");
        }
        return isWithout ? Optional.empty() : grace(rule).or(defaults::grace);
    }

    /** Reads {@code grace} of a rule or of the defaults. */
    static Optional<Rule.Grace> grace(MappingReader parent) {
        return parent.mapping("grace").flatMap(reader -> {
            Optional<Rule.Grace.After> after = reader.require("after")
                    ? reader.oneOf("after", List.of("start", "deploy"))
                            .map(word -> Rule.Grace.After.valueOf(word.toUpperCase(Locale.ROOT)))
                    : Optional.empty();
            Optional<Duration> length = reader.require("for")
                    ? reader.duration("for", Duration.ofSeconds(1), Duration.ofDays(1))
                    : Optional.empty();
            reader.refuseUnknown();
            return after.isPresent() && length.isPresent()
                    ? Optional.of(new Rule.Grace(after.get(), length.get()))
                    : Optional.empty();
        });
    }

    private SortedMap<Tier, TierRule> tiers(Mapping tiers, Mapping rule, Duration clearFor) {
        SortedMap<Tier, TierRule> read = new TreeMap<>();
        MappingReader reader = new MappingReader(tiers, problems);
        for (String name : TIERS) {
            reader.mapping(name)
                    .flatMap(tier -> tier(tier, rule, clearFor))
                    .ifPresent(tier -> read.put(Tier.valueOf(name), tier));
        }
        reader.refuseUnknown();
        if (TIERS.stream().noneMatch(reader::has)) {
            problems.error(tiers, "a rule needs one of P0, P1, P2 and P3");
        }
        TierChecks.strictness(read, tiers, problems);
        return read;
    }

    private Optional<TierRule> tier(MappingReader written, Mapping rule, Duration ruleClearFor) {
        MappingReader tier = new MappingReader(withInherited(written.mapping(), rule), problems);
        Duration holdFor = tier.duration("for", Duration.ZERO, LONGEST).orElse(Duration.ZERO);
        Duration clearFor = tier.duration("clear_for", Duration.ZERO, LONGEST).orElse(ruleClearFor);
        Optional<Condition> condition = conditions.read(tier);
        tier.refuseUnknown();
        condition.ifPresent(c -> TierChecks.sharedLabels(c, written.mapping(), problems));
        return condition.map(c -> new TierRule(c, holdFor, clearFor));
    }

    /** A tier that names no condition of its own limits that of its rule. */
    private static Mapping withInherited(Mapping tier, Mapping rule) {
        if (ConditionReader.KINDS.stream().anyMatch(tier.entries()::containsKey)) {
            return tier;
        }
        Map<String, Entry> entries = new LinkedHashMap<>(tier.entries());
        for (String key : INHERITED) {
            Entry inherited = rule.entries().get(key);
            if (inherited != null) {
                entries.putIfAbsent(key, inherited);
            }
        }
        return new Mapping(tier.position(), tier.path(), entries);
    }

    private List<Rule.TierOverride> overrides(
            String name, List<MappingReader> nodes, Mapping tiers, Mapping rule, Duration clearFor) {
        List<Rule.TierOverride> overrides = new ArrayList<>();
        for (MappingReader node : nodes) {
            List<LabelMatcher> where = node.mapping("where")
                    .map(labels -> {
                        overridden.add(new Overridden(name, labels));
                        return Matchers.read(labels, problems, List.of());
                    })
                    .orElse(List.of());
            if (where.isEmpty()) {
                problems.error(node.mapping(), "an override needs where");
            }
            Optional<Mapping> changed =
                    node.require("tiers") ? node.mapping("tiers").map(MappingReader::mapping) : Optional.empty();
            node.refuseUnknown();
            changed.map(over -> tiers(YamlMerge.over(tiers, over), rule, clearFor))
                    .ifPresent(read -> overrides.add(new Rule.TierOverride(where, read)));
        }
        return overrides;
    }

    /** Reads {@code no_data} of a rule or of the defaults. */
    static NoData noData(MappingReader parent, NoData otherwise, Problems problems) {
        Optional<MappingReader> reader = parent.mapping("no_data");
        if (reader.isEmpty()) {
            return otherwise;
        }
        MappingReader noData = reader.get();
        NoData.Policy policy = noData.oneOf("policy", POLICIES)
                .map(word -> NoData.Policy.valueOf(word.toUpperCase(Locale.ROOT)))
                .orElse(otherwise.policy());
        Duration after = noData.duration("after", Duration.ZERO, LONGEST).orElse(otherwise.after());
        Optional<Tier> tier = noData.oneOf("tier", TIERS).map(Tier::valueOf).or(otherwise::tier);
        boolean isSaidBefore = !otherwise.expire().equals(expiryAfter(otherwise.after()))
                && otherwise.expire().compareTo(after) >= 0;
        Duration expire = noData.duration("expire", Duration.ofSeconds(1), LONGEST)
                .orElse(isSaidBefore ? otherwise.expire() : expiryAfter(after));
        if (policy == NoData.Policy.ALERT && tier.isEmpty()) {
            problems.error(noData.mapping(), "policy alert needs a tier");
        }
        if (policy != NoData.Policy.ALERT && noData.has("tier")) {
            problems.warning(
                    noData.mapping().get("tier").orElse(noData.mapping()),
                    "tier is used by policy alert alone; here the policy is "
                            + policy.name().toLowerCase(Locale.ROOT));
        }
        if (expire.compareTo(after) < 0) {
            noData.error("expire", "expire is shorter than after");
        }
        noData.refuseUnknown();
        return new NoData(policy, after, tier, expire);
    }

    /** When an instance without data is forgotten where nobody says. */
    private static Duration expiryAfter(Duration after) {
        Duration hour = Duration.ofHours(1);
        return after.compareTo(hour) > 0 ? after : hour;
    }

    private Rule.Texts texts(MappingReader rule) {
        Map<String, String> labels = new LinkedHashMap<>();
        rule.mapping("labels")
                .ifPresent(reader -> reader.mapping()
                        .entries()
                        .keySet()
                        .forEach(label -> text(reader, label).ifPresent(value -> labels.put(label, value))));
        return new Rule.Texts(text(rule, "summary"), text(rule, "description"), text(rule, "runbook"), labels);
    }

    /** A broken text is a warning: it spoils itself, never the alert. */
    private Optional<String> text(MappingReader reader, String key) {
        Optional<Scalar> text = reader.scalar(key);
        text.ifPresent(
                scalar -> Template.faults(scalar.text()).forEach(fault -> problems.warning((YamlNode) scalar, fault)));
        return text.map(Scalar::text);
    }
}
