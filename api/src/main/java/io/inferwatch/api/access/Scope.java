package io.inferwatch.api.access;

/** What a call needs the right to do. */
public enum Scope {
    /** Anyone: health, so that probes need no secret. */
    NONE,
    INGEST,
    READ,
    /** Changes what is judged or who is told: rules, reload, silences, acknowledgements, backfill. */
    ADMIN
}
