package io.inferwatch.rules.load;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.yaml.Problems;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a condition asks of another rule must be something that rule can answer with yes. */
final class ReferenceChecks {
    private ReferenceChecks() {}

    /** A warning: a leaf that asks after a tier which the other rule cannot reach is FALSE for ever. */
    static void reachable(Map<String, Rule> rules, List<ConditionReader.Reference> references, Problems problems) {
        for (ConditionReader.Reference reference : references) {
            Rule other = rules.get(reference.rule());
            Set<Tier> tiers = other == null ? Set.of() : other.tiersItMayFire();
            boolean isOutOfReach = !tiers.isEmpty() && tiers.stream().allMatch(reference.tier()::isMoreUrgentThan);
            if (isOutOfReach) {
                String has = tiers.stream().map(Tier::name).collect(Collectors.joining(", "));
                problems.warning(
                        reference.at(),
                        "rule " + reference.rule() + " is never at " + reference.tier()
                                + (reference.tier() == Tier.P0 ? "" : " or above") + "; it has " + has);
            }
        }
    }
}
