package io.inferwatch.collector;

import java.time.Instant;

/** A stretch of time in which a source could not be read. */
public record SourceGap(String source, Instant from, Instant to, String cause) {}
