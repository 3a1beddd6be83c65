package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.rules.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What graces are counted from.
 *
 * @param startedAt the first tick
 */
record Grace(Instant startedAt, DeployMarks deploys) {

    /** Whether nothing of this instance may open yet. */
    boolean holds(Rule.Grace grace, LabelSet labels, Instant t) {
        Optional<Instant> begins = switch (grace.after()) {
            case START -> Optional.of(startedAt);
            case DEPLOY -> deploys.last(labels, t);
        };
        return begins.isPresent() && Duration.between(begins.get(), t).compareTo(grace.length()) < 0;
    }
}
