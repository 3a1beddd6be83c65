package io.inferwatch.collector.scrape;

import io.inferwatch.collector.catalogue.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether what a server counts fits together: each step of the engine after a request's first token brings one token, or
 * several, but not none. Sums up what was added lately. Used by one thread.
 */
final class Checks {
    /** Past so many steps older ones weigh half, so that what begins to be wrong shows. */
    private static final long STEPS_REMEMBERED = 100_000;

    /**
     * One question put to a server's own numbers.
     *
     * @param isDoubt whether something is wrong where it does not hold, and not merely unlike what one may think
     */
    record Finding(String check, boolean holds, boolean isDoubt, String text) {}

    private final Map<String, Long> counts = new HashMap<>();

    void added(Metric metric, long count) {
        counts.merge(metric.name(), count, Long::sum);
        if (of("llm.tpot.token_weighted") > STEPS_REMEMBERED) {
            counts.replaceAll((name, total) -> total / 2);
        }
    }

    private long of(String metric) {
        return counts.getOrDefault(metric, 0L);
    }

    List<Finding> findings() {
        long steps = of("llm.tpot.token_weighted");
        long first = of("llm.ttft");
        long tokens = of("llm.generated_tokens");
        if (steps == 0 || first == 0 || tokens == 0) {
            return List.of();
        }
        double tokensAStep = (double) (tokens - first) / steps;
        boolean isOne = Math.abs(tokensAStep - 1) < 0.01;
        String text = isOne
                ? "one token a step: inter-token latencies are latencies of tokens"
                : "%.2f tokens a step: inter-token latencies are latencies of steps".formatted(tokensAStep);
        return List.of(
                new Finding("tokens_per_step", isOne, false, text),
                new Finding(
                        "tokens_add_up",
                        tokens >= first + steps - Math.max(2, steps / 100),
                        true,
                        "generated " + tokens + ", first tokens " + first + ", steps after " + steps));
    }
}
