package io.inferwatch.collector.scrape.page;

import java.util.Locale;

/** What a page says a family is. Names end in anything; only this tells a histogram from a counter. */
public enum FamilyType {
    COUNTER,
    GAUGE,
    HISTOGRAM,
    /** Quantiles of its own: they can neither be merged nor taken over a window. */
    SUMMARY,
    UNTYPED;

    static FamilyType named(String word) {
        return switch (word.toLowerCase(Locale.ROOT)) {
            case "counter" -> COUNTER;
            case "gauge", "info", "stateset" -> GAUGE;
            case "histogram" -> HISTOGRAM;
            case "summary" -> SUMMARY;
            default -> UNTYPED;
        };
    }
}
