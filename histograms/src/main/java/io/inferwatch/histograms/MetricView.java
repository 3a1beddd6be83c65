package io.inferwatch.histograms;

import java.time.Instant;
import java.util.List;

/**
 * One cut of all windows at a record boundary, for one tick: every question put to it sees the same data. Used by one
 * thread, answers from memory alone.
 */
public interface MetricView {

    /** The time the cut was taken for; ranges end here. */
    Instant at();

    /**
     * One sample a group. Groups are those with a series that has not been idle for {@code 1 h}, also when the range
     * itself is empty: such a group answers {@link Sample.Missing}.
     */
    List<GroupSample> evaluate(SignalQuery query);

    /** Whether any series ever matched, also before a restart. */
    boolean everMatched(Selection selection);

    /**
     * Whether the sources behind these series answer: a scrape or proxy that answers, a GPU that is polled, for pushed
     * records any record in the last 10 min. Then {@code count}, {@code increase} and {@code rate} of an empty range are
     * 0 and not missing.
     */
    boolean isSourceLive(Selection selection);
}
