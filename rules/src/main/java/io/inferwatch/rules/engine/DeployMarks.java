package io.inferwatch.rules.engine;

import io.inferwatch.collector.LabelSet;
import java.time.Instant;
import java.util.Optional;

/** Knows when something new was put into service. */
@FunctionalInterface
public interface DeployMarks {
    /** Nothing ever is. */
    DeployMarks NONE = (instance, t) -> Optional.empty();

    /**
     * When the last deploy before {@code t} was that concerns an instance: each label they both have is equal. Called by
     * the tick thread, for every instance of a rule with such a grace.
     */
    Optional<Instant> last(LabelSet instance, Instant t);
}
