package io.inferwatch.api.app;

import io.inferwatch.rules.Rule;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.book.Backtest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What one rule set would have opened over a stretch of the stored past and another would not.
 *
 * @param complete whether both came to the end of what was asked for; where not, nothing is known of a difference
 * @param rules those that differ, by name
 */
public record ReplayDiff(Instant from, Instant to, boolean complete, List<OfRule> rules) {
    public ReplayDiff {
        rules = List.copyOf(rules);
    }

    /**
     * Alerts of one rule that had this as their most urgent tier.
     *
     * @param now as the rules in force have it
     * @param then as the others would have had it
     */
    public record OfRule(String rule, Tier tier, int now, int then) {}

    /**
     * @param run of the new rules
     * @param now counts by rule of those in force
     * @param then counts by rule of the new ones; one that was renamed is held against its former name
     */
    static ReplayDiff of(Backtest.Run run, ReplayCount now, ReplayCount then, RuleSet next) {
        Map<String, String> formerNames = new TreeMap<>();
        for (Rule rule : next.rules()) {
            rule.was().ifPresent(was -> formerNames.put(was, rule.name()));
        }
        Map<String, Map<Tier, int[]>> both = new TreeMap<>();
        now.counts().forEach((rule, tiers) -> put(both, formerNames.getOrDefault(rule, rule), tiers, 0));
        then.counts().forEach((rule, tiers) -> put(both, rule, tiers, 1));
        List<OfRule> different = new ArrayList<>();
        both.forEach((rule, tiers) -> tiers.forEach((tier, counts) -> {
            if (counts[0] != counts[1]) {
                different.add(new OfRule(rule, tier, counts[0], counts[1]));
            }
        }));
        return new ReplayDiff(run.from(), run.to(), run.complete(), different);
    }

    private static void put(Map<String, Map<Tier, int[]>> both, String rule, Map<Tier, Integer> tiers, int side) {
        Map<Tier, int[]> own = both.computeIfAbsent(rule, made -> new EnumMap<>(Tier.class));
        tiers.forEach((tier, count) -> own.computeIfAbsent(tier, made -> new int[2])[side] += count);
    }

    /** In words: {@code would add 4 P2, remove 1 P1}. */
    public String text() {
        String added = counted(1);
        String removed = counted(-1);
        if (!complete) {
            return "not known: the time allowed was over; ask for a shorter stretch";
        }
        if (added.isEmpty() && removed.isEmpty()) {
            return "would open the same alerts";
        }
        return "would "
                + (added.isEmpty() ? "" : "add " + added)
                + (added.isEmpty() || removed.isEmpty() ? "" : ", ")
                + (removed.isEmpty() ? "" : "remove " + removed);
    }

    private String counted(int sign) {
        Map<Tier, Integer> sums = new EnumMap<>(Tier.class);
        for (OfRule of : rules) {
            int more = sign * (of.then() - of.now());
            if (more > 0) {
                sums.merge(of.tier(), more, Integer::sum);
            }
        }
        List<String> parts = new ArrayList<>();
        sums.forEach((tier, count) -> parts.add(count + " " + tier));
        return String.join(", ", parts);
    }
}
