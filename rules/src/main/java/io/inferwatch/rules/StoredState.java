package io.inferwatch.rules;

/**
 * The engine's memory of one instance, to be kept and handed back unread.
 *
 * @param payload the engine's own versioned text form, at most 64 KiB
 */
public record StoredState(AlertKey key, String payload) {}
