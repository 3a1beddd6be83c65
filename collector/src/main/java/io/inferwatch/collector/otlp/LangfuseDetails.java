package io.inferwatch.collector.otlp;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What Langfuse writes of tokens and cost: an attribute that is a JSON object of numbers. By its own names {@code input} leaves out the
 * cached tokens and {@code output} the reasoning ones, which stand beside them; by those of OpenAI, which it takes as well, both
 * hold all of theirs.
 */
final class LangfuseDetails {
    private static final Pattern NUMBER =
            Pattern.compile("\"(\\w{1,64})\"\\s*:\\s*(\\d{1,15}(?:\\.\\d{1,20})?(?:[eE][-+]?\\d{1,2})?)");

    private static final String[] CACHED = {"cache_read_input_tokens", "input_cached_tokens", "cached_tokens"};
    private static final String[] CACHE_WRITE = {"cache_creation_input_tokens", "input_cache_creation"};
    private static final String[] REASONING = {"output_reasoning_tokens", "reasoning_tokens"};

    private final Map<String, Double> numbers = new HashMap<>();

    /** @param json as the span has it; what is no number in it is passed over */
    LangfuseDetails(String json) {
        for (MatchResult each : NUMBER.matcher(json).results().toList()) {
            numbers.putIfAbsent(each.group(1), Double.valueOf(each.group(2)));
        }
    }

    private Optional<Double> first(String... keys) {
        for (String key : keys) {
            if (numbers.containsKey(key)) {
                return Optional.of(numbers.get(key));
            }
        }
        return Optional.empty();
    }

    Optional<Double> input() {
        return first("prompt_tokens")
                .or(() -> first("input")
                        .map(rest -> rest + cached().orElse(0.0) + cacheWrite().orElse(0.0)));
    }

    Optional<Double> cached() {
        return first(CACHED);
    }

    Optional<Double> cacheWrite() {
        return first(CACHE_WRITE);
    }

    Optional<Double> output() {
        return first("completion_tokens")
                .or(() -> first("output").map(rest -> rest + reasoning().orElse(0.0)));
    }

    Optional<Double> reasoning() {
        return first(REASONING);
    }

    /** Of a cost: the total, else all parts. */
    Optional<Double> total() {
        return first("total")
                .or(() -> numbers.isEmpty()
                        ? Optional.empty()
                        : Optional.of(numbers.values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum()));
    }
}
