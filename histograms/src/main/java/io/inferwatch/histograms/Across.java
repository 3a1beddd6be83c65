package io.inferwatch.histograms;

/** How the series of one group meet. The default is the metric's own: see architecture §3, "Kinds". */
public enum Across {
    DEFAULT,
    SUM,
    AVG,
    MIN,
    MAX,
    MERGE
}
