package io.inferwatch.collector.cost.hosted;

import java.math.BigDecimal;
import java.util.List;

/** How much a token of each class weighs against the others; only the ratios matter. Each ≥ 0, output above 0. */
public record TokenWeights(BigDecimal uncached, BigDecimal cached, BigDecimal output) {
    /** What price lists of APIs hold to: 1 to 0.1 to 5. */
    public static final TokenWeights CONVENTION =
            new TokenWeights(BigDecimal.ONE, new BigDecimal("0.1"), new BigDecimal(5));

    public TokenWeights {
        for (BigDecimal weight : List.of(uncached, cached, output)) {
            if (weight.signum() < 0) {
                throw new IllegalArgumentException(
                        "a token cannot weigh " + weight.toPlainString() + "; write 0 or more");
            }
        }
        if (output.signum() == 0) {
            throw new IllegalArgumentException("output tokens cannot weigh 0: they are what the GPU is there for");
        }
    }

    /** The tokens as so many of weight 1, exactly. */
    public BigDecimal weigh(TokenCount tokens) {
        return uncached.multiply(BigDecimal.valueOf(tokens.uncached()))
                .add(cached.multiply(BigDecimal.valueOf(tokens.cached())))
                .add(output.multiply(BigDecimal.valueOf(tokens.output())));
    }
}
