package io.inferwatch.rules.engine;

import io.inferwatch.histograms.GroupSample;
import io.inferwatch.rules.Signal;
import java.util.List;
import java.util.Optional;

/** Where the engine has its numbers from: one consistent cut per tick. The inline tests feed it by signal name. */
public interface SignalSource {

    /** One sample a group; empty for a computed signal that the engine has to work out from its operands. */
    Optional<List<GroupSample>> read(Signal signal);

    /** Whether any series ever matched. */
    boolean everMatched(Signal signal);
}
