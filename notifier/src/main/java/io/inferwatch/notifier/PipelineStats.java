package io.inferwatch.notifier;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One consistent look at the pipeline.
 *
 * @param receivers those of the running rules, and removed ones that still have closes to send
 * @param outboxDepth targets that are owed something
 * @param oldestAge of what is owed longest; absent when nothing is
 * @param databaseFailures transactions that failed since the start; each is repeated
 * @param databaseProblem why the last one failed; absent once one succeeded; while it stands only P0, P1
 *     and the sidecar's own alerts are sent
 * @param toldLogProblem why the log beside the database cannot be written; absent while it can
 * @param historyDropped transitions left out of the history because the database was away too long
 */
public record PipelineStats(
        List<ReceiverStats> receivers,
        int outboxDepth,
        Optional<Duration> oldestAge,
        long databaseFailures,
        Optional<String> databaseProblem,
        Optional<String> toldLogProblem,
        long historyDropped) {

    /**
     * @param attempts by outcome: {@code delivered}, {@code retry}, {@code rejected}
     * @param degraded why it could last not be told; absent while it can
     */
    public record ReceiverStats(String name, String type, Map<String, Long> attempts, Optional<String> degraded) {}
}
