package io.inferwatch.collector;

/** The numbers of a request record, each counted in integer steps. */
public enum RequestAmount {
    TTFT(0, "ttft_ms", Steps.MICROSECONDS),
    CONTENT_TTFT(1, "content_ttft_ms", Steps.MICROSECONDS),
    TPOT(2, "tpot_ms", Steps.MICROSECONDS),
    LATENCY(3, "latency_ms", Steps.MICROSECONDS),
    QUEUE(4, "queue_ms", Steps.MICROSECONDS),
    PREFILL(5, "prefill_ms", Steps.MICROSECONDS),
    DECODE(6, "decode_ms", Steps.MICROSECONDS),
    INPUT_TOKENS(7, "input_tokens", Steps.TOKENS),
    CACHED_TOKENS(8, "cached_tokens", Steps.TOKENS),
    CACHE_WRITE_TOKENS(9, "cache_write_tokens", Steps.TOKENS),
    OUTPUT_TOKENS(10, "output_tokens", Steps.TOKENS),
    REASONING_TOKENS(11, "reasoning_tokens", Steps.TOKENS),
    STATUS(12, "status", Steps.HTTP_STATUS),
    QUALITY(13, "quality_score", Steps.QUALITY),
    SAMPLING_RATE(14, "sampling_rate", Steps.SHARE),
    COST(15, "cost_usd", Steps.NANODOLLARS);

    /** How a number is counted: how many decimals of it are kept, and between which bounds it must lie, in steps. */
    public enum Steps {
        /** Of a millisecond; at most 24 h. */
        MICROSECONDS(3, 0, 86_400_000_000L),
        TOKENS(0, 0, 1_000_000_000L),
        HTTP_STATUS(0, 100, 999),
        /** 10⁻⁴, as the catalogue counts ratios. */
        QUALITY(4, 0, 10_000),
        /** 10⁻⁹; above 0. */
        SHARE(9, 1, 1_000_000_000L),
        /** 10⁻⁹ $; at most a million dollars. */
        NANODOLLARS(9, 0, 1_000_000_000_000_000L);

        private final int decimals;
        private final long lowest;
        private final long highest;

        Steps(int decimals, long lowest, long highest) {
            this.decimals = decimals;
            this.lowest = lowest;
            this.highest = highest;
        }

        public int decimals() {
            return decimals;
        }

        public long lowest() {
            return lowest;
        }

        public long highest() {
            return highest;
        }
    }

    private final int bit;
    private final String field;
    private final Steps steps;

    /** @param bit its presence bit in the journal: never changes, never comes to mean another */
    RequestAmount(int bit, String field, Steps steps) {
        this.bit = bit;
        this.field = field;
        this.steps = steps;
    }

    /** Its name on the wire. */
    public String field() {
        return field;
    }

    public Steps steps() {
        return steps;
    }

    int bit() {
        return bit;
    }
}
