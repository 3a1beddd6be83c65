package io.inferwatch.histograms;

/** What a number rests on. Exact and bucketed data are never merged. */
public sealed interface Provenance {

    /** Every sample was seen. */
    record Exact() implements Provenance {}

    /**
     * Scraped bucket counts; the true value lies in a bracket.
     *
     * @param schema a name for the bounds, equal for equal ones; {@code mixed} where several sets are in it
     */
    record Bucketed(String schema) implements Provenance {}

    /** Some of it came in past the series limit and stands in the overflow series. */
    record Overflow() implements Provenance {}
}
