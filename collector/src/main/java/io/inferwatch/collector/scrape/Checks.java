package io.inferwatch.collector.scrape;

import io.inferwatch.collector.catalogue.Metric;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Whether what a server counts fits together: the token after a request's first is one step of the engine, and what has
 * ended began with a first token. Sums up what was added since the first reading. Used by one thread.
 */
final class Checks {
    /** One question put to a server's own numbers. */
    record Finding(String check, boolean holds, String text) {}

    private final Map<String, Long> counts = new HashMap<>();

    void added(Metric metric, long count) {
        counts.merge(metric.name(), count, Long::sum);
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
                new Finding("tokens_per_step", isOne, text),
                new Finding(
                        "tokens_add_up",
                        tokens >= first + steps - Math.max(2, steps / 100),
                        "generated " + tokens + ", first tokens " + first + ", steps after " + steps));
    }
}
