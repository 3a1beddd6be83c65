package io.inferwatch.histograms.store;

import io.micronaut.data.annotation.Id;
import io.micronaut.data.annotation.MappedEntity;

/**
 * One series of the dictionary.
 *
 * @param firstMillis start of its first window
 * @param lastMillis start of its last packed window; windows not packed yet may be newer
 */
@SuppressWarnings("ArrayRecordComponent") // a row as the driver gives it; never compared
@MappedEntity("series")
record SeriesRow(@Id int id, String metric, byte[] labels, long firstMillis, long lastMillis) {}
