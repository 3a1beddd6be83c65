package io.inferwatch.histograms;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.catalogue.Metric;

/** Where series come from, and when it was last heard of. Guarded by the store's lock. */
final class Source {
    static final String PUSH = "push";
    static final String GPU = "gpu";
    static final String SELF = "self";

    static final long NEVER_MILLIS = Long.MIN_VALUE;

    final String name;
    long lastReceivedMillis = NEVER_MILLIS;

    Source(String name) {
        this.name = name;
    }

    /** {@code gpu}, {@code self}, {@code push}, or {@code scrape:<server>} and {@code proxy:<server>}. */
    static String nameOf(Metric metric, LabelSet labels) {
        if (metric.name().startsWith("gpu.")) {
            return GPU;
        }
        if (metric.name().startsWith("inferwatch.")) {
            return SELF;
        }
        String observer = labels.get(Rivals.OBSERVER).orElse("");
        if (observer.equals("scrape") || observer.equals("proxy")) {
            return observer + ":" + labels.get("server").orElse("");
        }
        return PUSH;
    }

    /** How long it may be silent and still answer: pushed records come when there are requests, polls by the clock. */
    static long patienceMillis(String name) {
        return name.equals(PUSH) ? 600_000 : 30_000;
    }
}
