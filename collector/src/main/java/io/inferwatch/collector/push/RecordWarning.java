package io.inferwatch.collector.push;

/**
 * What was odd about a record that was taken.
 *
 * @param line the line of NDJSON or the position in an array, from 1
 */
public record RecordWarning(long line, String field, String message) {}
