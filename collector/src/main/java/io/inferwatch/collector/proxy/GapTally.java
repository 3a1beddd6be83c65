package io.inferwatch.collector.proxy;

import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.RequestText;
import io.inferwatch.collector.proxy.answer.GapCounts;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The times between chunks of the answers that ended lately, over all requests of a server and a model: told once a second, each
 * distinct time with its count, so that their number hardly grows with the traffic. One thread.
 */
final class GapTally {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final int MANY = 1_000;

    private record Whose(String server, String model, String outcome) {}

    private final Map<Whose, GapCounts> counts = new HashMap<>();
    private long toldNanos;
    private boolean hasTold;

    /** The gaps of a request that has ended. */
    void add(RequestMeasurement request, GapCounts gaps) {
        if (!gaps.isEmpty()) {
            Whose whose = new Whose(
                    request.text(RequestText.SERVER).orElse(""),
                    request.model(),
                    request.outcome().label());
            counts.computeIfAbsent(whose, made -> new GapCounts()).addAll(gaps);
        }
    }

    /** Whether a second has passed since the last telling, by the clock of the relay, or there is much to tell. */
    boolean isDue(long nowNanos) {
        return counts.size() >= MANY || (!counts.isEmpty() && (!hasTold || nowNanos - toldNanos >= EVERY.toNanos()));
    }

    /** What there is, which is then forgotten. */
    List<InterChunk> told(long nowNanos) {
        hasTold = true;
        toldNanos = nowNanos;
        List<InterChunk> told = new ArrayList<>();
        counts.forEach((whose, gaps) -> gaps.forEach(
                (micros, count) -> told.add(new InterChunk(whose.server, whose.model, whose.outcome, micros, count))));
        counts.clear();
        return told;
    }
}
