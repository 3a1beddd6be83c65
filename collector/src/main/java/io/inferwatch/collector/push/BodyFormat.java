package io.inferwatch.collector.push;

/** How the records of a body are strung together. */
public enum BodyFormat {
    /** A record a line ({@code application/x-ndjson}). */
    NDJSON,
    /** An array of records, or one record ({@code application/json}). */
    JSON
}
