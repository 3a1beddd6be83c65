package io.inferwatch.collector.cost.hosted;

/**
 * Tokens by what they ask of a GPU.
 *
 * @param uncached prompt tokens that had to be computed
 * @param cached prompt tokens served from a cache
 * @param output generated tokens, reasoning included
 */
public record TokenCount(long uncached, long cached, long output) {
    public static final TokenCount NONE = new TokenCount(0, 0, 0);

    /** @param input all prompt tokens, cached ones included; a server that tells more cached than that is read as all cached */
    public static TokenCount of(long input, long cached, long output) {
        long inCache = Math.clamp(cached, 0, Math.max(0, input));
        return new TokenCount(Math.max(0, input) - inCache, inCache, Math.max(0, output));
    }

    public TokenCount plus(TokenCount other) {
        return new TokenCount(uncached + other.uncached, cached + other.cached, output + other.output);
    }

    public long total() {
        return uncached + cached + output;
    }
}
