package io.inferwatch.collector.cost;

import java.util.Locale;

/** What the price table says about one request. */
public sealed interface Pricing {

    /** @param nanodollars 10⁻⁹ $, rounded once, half up */
    record Priced(long nanodollars) implements Pricing {}

    /** The table has no such model. Its cost is unknown, not 0. */
    record UnknownModel() implements Pricing {}

    /** The model is there, the cost cannot be told. */
    record Undefined(Lack lack) implements Pricing {}

    /** What is missing. */
    enum Lack {
        /** The request does not say its tokens. */
        TOKENS,
        /** The table has no price by token for what was used. */
        RATE,
        /** More than a million dollars. */
        RANGE;

        private final String label = name().toLowerCase(Locale.ROOT);

        /** Its name as a label. */
        public String label() {
            return label;
        }
    }
}
