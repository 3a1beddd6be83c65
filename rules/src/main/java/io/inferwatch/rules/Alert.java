package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import java.util.List;
import java.util.Optional;

/**
 * One instance that is pending or firing, with all a message about it needs. Texts are rendered; what the author wrote
 * and what label values hold is untrusted text to every channel.
 *
 * @param id of this episode; stays the same from pending to closed and over restarts
 * @param stale whether its data stopped coming
 * @param labels the instance's labels and the rule's own
 * @param value the leading leaf's value as text with its unit, for example {@code 612 ms}
 * @param gpus what the GPUs of its server did in its window; empty where it is not about requests, or no GPU is read
 */
public record Alert(
        AlertKey key,
        String id,
        AlertState state,
        boolean stale,
        LabelSet labels,
        String summary,
        String description,
        Optional<String> runbook,
        String value,
        List<LeafEvidence> why,
        List<GpuWindow> gpus) {
    public Alert {
        why = List.copyOf(why);
        gpus = List.copyOf(gpus);
    }

    /** An alert that tells of no GPUs. */
    public Alert(
            AlertKey key,
            String id,
            AlertState state,
            boolean stale,
            LabelSet labels,
            String summary,
            String description,
            Optional<String> runbook,
            String value,
            List<LeafEvidence> why) {
        this(key, id, state, stale, labels, summary, description, runbook, value, why, List.of());
    }
}
