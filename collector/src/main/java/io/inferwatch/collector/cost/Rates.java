package io.inferwatch.collector.cost;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Dollars a token, each {@code null} where the table does not say it. */
record Rates(
        @Nullable BigDecimal input,
        @Nullable BigDecimal cacheRead,
        @Nullable BigDecimal cacheWrite,
        @Nullable BigDecimal output,
        @Nullable BigDecimal reasoning) {
    static final Rates NONE = new Rates(null, null, null, null, null);

    /** What a rate is of. */
    enum Of {
        INPUT("input_cost_per_token"),
        CACHE_READ("cache_read_input_token_cost"),
        CACHE_WRITE("cache_creation_input_token_cost"),
        OUTPUT("output_cost_per_token"),
        REASONING("output_cost_per_reasoning_token");

        private final String field;

        Of(String field) {
            this.field = field;
        }

        /** Its name in the table. */
        String field() {
            return field;
        }
    }

    Rates with(Of of, BigDecimal rate) {
        return new Rates(
                of == Of.INPUT ? rate : input,
                of == Of.CACHE_READ ? rate : cacheRead,
                of == Of.CACHE_WRITE ? rate : cacheWrite,
                of == Of.OUTPUT ? rate : output,
                of == Of.REASONING ? rate : reasoning);
    }

    /** These, and where one is missing that of others. */
    Rates orElse(Rates others) {
        return new Rates(
                first(input, others.input),
                first(cacheRead, others.cacheRead),
                first(cacheWrite, others.cacheWrite),
                first(output, others.output),
                first(reasoning, others.reasoning));
    }

    /** Without a price of their own, cached tokens cost what prompt tokens cost, and reasoning what output costs. */
    Rates completed() {
        return new Rates(input, first(cacheRead, input), first(cacheWrite, input), output, first(reasoning, output));
    }

    private static @Nullable BigDecimal first(@Nullable BigDecimal one, @Nullable BigDecimal other) {
        return one != null ? one : other;
    }
}
