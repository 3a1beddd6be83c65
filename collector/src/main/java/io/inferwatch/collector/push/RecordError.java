package io.inferwatch.collector.push;

import java.util.Optional;

/**
 * Why one record was rejected.
 *
 * @param line the line of NDJSON or the position in an array, from 1
 * @param field empty where it is about the record as a whole
 * @param message names the value and the remedy
 */
public record RecordError(long line, Optional<String> field, Rejection rejection, String message) {}
