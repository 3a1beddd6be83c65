package io.inferwatch.collector.identity;

/** What is kept of a user's or a session's name. */
public enum IdentityPolicy {
    /** A keyed hash: the same name gives the same label, and the name cannot be had back without the key. */
    HASHED,
    /** The name as it was sent. */
    CLEAR,
    /** Nothing. */
    DROP
}
