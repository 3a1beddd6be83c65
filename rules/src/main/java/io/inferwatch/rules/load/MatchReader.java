package io.inferwatch.rules.load;

import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.AlertMatch;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.MappingReader;
import io.inferwatch.rules.yaml.Problems;
import io.inferwatch.rules.yaml.YamlNode.Scalar;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads which alerts a route, an inhibition or a silence means: {@code tier}, {@code rule}, and labels. */
public final class MatchReader {
    static final AlertMatch ALL = new AlertMatch(Set.of(), Optional.empty(), List.of());

    private final Problems problems;
    private final Optional<Set<String>> ruleNames;

    /** @param ruleNames where given, a rule named exactly must be among them */
    public MatchReader(Problems problems, Optional<Set<String>> ruleNames) {
        this.problems = problems;
        this.ruleNames = ruleNames;
    }

    public AlertMatch read(MappingReader match) {
        Set<Tier> tiers = EnumSet.noneOf(Tier.class);
        match.scalars("tier").orElse(List.of()).forEach(tier -> tier(tier).ifPresent(tiers::add));
        Optional<LabelMatcher> rules = Matchers.read(match, "rule", problems);
        match.scalars("rule").orElse(List.of()).forEach(this::checkRuleName);
        return new AlertMatch(tiers, rules, Matchers.read(match, problems, List.of("tier", "rule")));
    }

    private Optional<Tier> tier(Scalar tier) {
        if (RuleReader.TIERS.contains(tier.text())) {
            return Optional.of(Tier.valueOf(tier.text()));
        }
        problems.error(tier, "\"" + tier.text() + "\" is none of P0, P1, P2, P3");
        return Optional.empty();
    }

    private void checkRuleName(Scalar pattern) {
        String name = pattern.text().startsWith("!") ? pattern.text().substring(1) : pattern.text();
        boolean missing =
                ruleNames.map(names -> !names.contains(name)).orElse(false) && !RuleLoader.RESERVED.contains(name);
        if (missing && !name.contains("*")) {
            PlanReader.unknown(problems, pattern, "rule", name, ruleNames.orElseThrow());
        }
    }
}
