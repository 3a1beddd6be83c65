package io.inferwatch.collector;

import java.time.Instant;

/**
 * A stretch of time in which a source could not be read.
 *
 * @param source for example {@code gpu/GPU-5b4e…}
 */
public record SourceGap(String source, Instant from, Instant to, String cause) implements Measurement {}
