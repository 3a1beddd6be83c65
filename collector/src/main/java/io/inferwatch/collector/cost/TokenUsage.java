package io.inferwatch.collector.cost;

/**
 * The tokens of one request by what they are charged as. Prompt tokens include the cached and the cache-write ones, output
 * tokens the reasoning ones, as OpenAI and vLLM count.
 *
 * @param input prompt tokens, or {@link #UNKNOWN}
 * @param cached of these, served from a cache; unknown counts as none, which is the dearer
 * @param cacheWrite of these, written to a cache; unknown counts as none
 * @param output generated tokens, or {@link #UNKNOWN}
 * @param reasoning of these, reasoning; unknown counts as none
 */
public record TokenUsage(long input, long cached, long cacheWrite, long output, long reasoning) {
    public static final long UNKNOWN = -1;

    boolean isInputKnown() {
        return input != UNKNOWN;
    }

    boolean isOutputKnown() {
        return output != UNKNOWN;
    }
}
