package io.inferwatch.collector.scrape.page;

import java.util.List;

/**
 * The series of one name.
 *
 * @param name as the page has it; a counter may or may not end in {@code _total}
 * @param scalars of a counter, a gauge or an untyped family
 * @param histograms of a histogram
 */
public record Family(String name, FamilyType type, List<ScalarSeries> scalars, List<BucketSeries> histograms) {
    private static final String TOTAL = "_total";

    public Family {
        scalars = List.copyOf(scalars);
        histograms = List.copyOf(histograms);
    }

    /** The name without what the formats put behind a counter's: one calls it {@code x_total}, the other {@code x}. */
    public static String plainName(String name, FamilyType type) {
        boolean isCounter = type == FamilyType.COUNTER || type == FamilyType.UNTYPED;
        return isCounter && name.endsWith(TOTAL) ? name.substring(0, name.length() - TOTAL.length()) : name;
    }
}
