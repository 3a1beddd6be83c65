package io.inferwatch.rules.engine;

import io.inferwatch.histograms.GroupSample;
import io.inferwatch.rules.Signal;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where the engine has its numbers from: one consistent cut per tick. The inline tests feed it by signal name. */
public interface SignalSource {

    /** One sample a group; empty for a computed signal that the engine has to work out from its operands. */
    Optional<List<GroupSample>> read(Signal signal);

    /**
     * What {@link #read} would have answered so long ago, of the same window moved into the past. Asked when a window of a
     * signal that is compared with its past is over, within a tick of its end.
     *
     * @return nothing by default: a source without a past
     */
    default Optional<List<GroupSample>> readPast(Signal signal, Duration shift) {
        return Optional.of(List.of());
    }

    /** Whether any series ever matched. */
    boolean everMatched(Signal signal);
}
