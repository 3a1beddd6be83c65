package io.inferwatch.histograms;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A stretch of time to be asked about. It is widened to window bounds; the answer states those.
 *
 * @param step absent: one answer over the whole; else one a step, rounded up to the resolution at hand, aligned to UTC
 */
public record QueryRange(Instant from, Instant to, Optional<Duration> step) {
    /** @throws UnfitQueryException when it ends before it begins, or the step is not positive */
    public QueryRange {
        if (to.isBefore(from)) {
            throw new UnfitQueryException("the range ends at " + to + ", before it begins at " + from);
        }
        if (step.isPresent() && (step.get().isNegative() || step.get().isZero())) {
            throw new UnfitQueryException("the step " + step.get() + " is not positive");
        }
    }

    public static QueryRange whole(Instant from, Instant to) {
        return new QueryRange(from, to, Optional.empty());
    }

    public static QueryRange stepped(Instant from, Instant to, Duration step) {
        return new QueryRange(from, to, Optional.of(step));
    }
}
