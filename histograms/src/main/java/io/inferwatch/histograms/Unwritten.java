package io.inferwatch.histograms;

/** What stood in memory, at one moment, of a 10 s window and is not in the database. */
record Unwritten(SeriesKey key, String source, long startMillis, WindowData data) {}
