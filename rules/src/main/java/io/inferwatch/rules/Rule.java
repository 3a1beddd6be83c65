package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.LabelMatcher;
import io.inferwatch.rules.yaml.Position;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One rule: up to four tiers over the same instances.
 *
 * @param maxInstances instances past it are refused, those known are kept
 * @param grace when nothing opens, though the condition holds
 * @param was the name it had before: state kept under that name is its own
 * @param onFire what is done besides telling when an instance opens
 */
public record Rule(
        String name,
        Position position,
        SortedMap<Tier, TierRule> tiers,
        List<TierOverride> overrides,
        NoData noData,
        int maxInstances,
        Texts texts,
        Optional<Grace> grace,
        Optional<String> was,
        Optional<OnFire> onFire) {
    public Rule {
        tiers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(tiers));
        overrides = List.copyOf(overrides);
    }

    /** A rule without grace that never had another name. */
    public Rule(
            String name,
            Position position,
            SortedMap<Tier, TierRule> tiers,
            List<TierOverride> overrides,
            NoData noData,
            int maxInstances,
            Texts texts) {
        this(
                name,
                position,
                tiers,
                overrides,
                noData,
                maxInstances,
                texts,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** What an opening alert may ask for. */
    public enum OnFire {
        /** GPUs are read faster for some seconds, and what that brings is kept with the alert. */
        GPU_BURST
    }

    /**
     * For how long after a start or a deploy nothing opens: caches are cold then, and everybody knows.
     *
     * @param after of the sidecar itself, or a mark of that kind whose labels the instance shares
     */
    public record Grace(After after, Duration length) {

        /** What the time is counted from. */
        public enum After {
            START,
            DEPLOY
        }
    }

    /** One tier: its condition and the times it takes to fire and to clear. */
    public record TierRule(Condition condition, Duration holdFor, Duration clearFor) {}

    /** Other tiers for the instances whose labels match. */
    public record TierOverride(List<LabelMatcher> where, SortedMap<Tier, TierRule> tiers) {
        public TierOverride {
            where = List.copyOf(where);
            tiers = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(tiers));
        }

        public boolean matches(LabelSet labels) {
            return where.stream().allMatch(m -> m.matches(labels.get(m.label()).orElse("")));
        }
    }

    /**
     * @param after how long nothing must be known before the policy acts
     * @param tier what fires under {@link Policy#ALERT}
     * @param expire how long an instance without any data is remembered
     */
    public record NoData(Policy policy, Duration after, Optional<Tier> tier, Duration expire) {

        /** What becomes of an instance whose condition is not known. */
        public enum Policy {
            /** Its state stands, marked stale. */
            KEEP,
            /** It closes. */
            CLEAR,
            /** Its missing data is an alert. */
            ALERT,
            /** Its state stands, unmarked. */
            IGNORE
        }
    }

    /** What a message says; each text may hold {@code {{ … }}}. */
    public record Texts(
            Optional<String> summary,
            Optional<String> description,
            Optional<String> runbook,
            Map<String, String> labels) {
        public Texts {
            labels = Map.copyOf(labels);
        }
    }

    /** Whether another rule means the same, wherever in its file it stands. */
    public boolean isLike(Rule other) {
        return new Rule(name, other.position, tiers, overrides, noData, maxInstances, texts, grace, was, onFire)
                .equals(other);
    }

    /** The tiers of the instance with these labels: the first override that matches, else the rule's own. */
    public SortedMap<Tier, TierRule> tiersFor(LabelSet labels) {
        for (TierOverride override : overrides) {
            if (override.matches(labels)) {
                return override.tiers();
            }
        }
        return tiers;
    }

    /** Every tier some instance can be at: the rule's own, those of overrides, and that of missing data. */
    public Set<Tier> tiersItMayFire() {
        Set<Tier> all = EnumSet.noneOf(Tier.class);
        all.addAll(tiers.keySet());
        overrides.forEach(override -> all.addAll(override.tiers().keySet()));
        noData.tier().filter(tier -> noData.policy() == NoData.Policy.ALERT).ifPresent(all::add);
        return all;
    }

    /** Every condition of every tier, overrides included. */
    public Stream<Condition> conditions() {
        return Stream.concat(
                        tiers.values().stream(),
                        overrides.stream().flatMap(override -> override.tiers().values().stream()))
                .map(TierRule::condition);
    }
}
