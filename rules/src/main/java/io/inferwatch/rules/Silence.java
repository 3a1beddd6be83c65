package io.inferwatch.rules;

import java.time.Instant;

/**
 * Somebody's decision that matching alerts tell nobody for a while.
 *
 * @param id names it; those of the file are {@code file-<number>}
 * @param from from when on, inclusive
 * @param until to when, exclusive
 * @param by who decided it
 * @param why so that the next one on call understands it
 */
public record Silence(String id, AlertMatch match, Instant from, Instant until, String by, String why) {
    public Silence {
        if (!from.isBefore(until)) {
            throw new IllegalArgumentException("until " + until + " is not after from " + from);
        }
    }

    public boolean isActive(Instant at) {
        return !at.isBefore(from) && at.isBefore(until);
    }
}
