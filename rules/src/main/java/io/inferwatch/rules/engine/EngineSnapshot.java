package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.GpuWindow;
import io.inferwatch.rules.LeafEvidence;
import io.inferwatch.rules.Rule;
import io.inferwatch.rules.Tier;
import io.inferwatch.rules.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What {@code GET /api/v1/rules} shows: every rule, its instances, and why each is where it is.
 *
 * @param at the last tick; empty before the first
 */
public record EngineSnapshot(Optional<Instant> at, List<RuleStatus> rules) {
    public EngineSnapshot {
        rules = List.copyOf(rules);
    }

    /**
     * @param error what went wrong in the last tick; the rule's state is then {@code error} and nothing moved
     * @param refusedInstances instances past the rule's limit in the last tick
     * @param neverMatched its signals that no series ever matched
     */
    public record RuleStatus(
            Rule rule,
            Optional<String> error,
            long refusedInstances,
            List<String> neverMatched,
            List<InstanceStatus> instances) {
        public RuleStatus {
            neverMatched = List.copyOf(neverMatched);
            instances = List.copyOf(instances);
        }
    }

    /**
     * @param verdicts what each tier's condition comes to now
     * @param why the evidence of the firing or pending tier, else of the most urgent
     * @param gpus of a firing or pending one, what the GPUs of its server did
     */
    public record InstanceStatus(
            LabelSet labels,
            AlertState state,
            boolean stale,
            Map<Tier, Verdict> verdicts,
            List<LeafEvidence> why,
            List<GpuWindow> gpus) {
        public InstanceStatus {
            gpus = List.copyOf(gpus);
            verdicts = Map.copyOf(verdicts);
            why = List.copyOf(why);
        }
    }
}
