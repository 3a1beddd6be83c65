package io.inferwatch.system.support;

import java.time.Duration;
import java.util.Optional;

/** What a stand-in answers next instead of its own answer. */
public sealed interface ScriptedAnswer {

    /** Refuses by status; a call from the same sender before {@code retryAfter} has passed is a fault. */
    record Refuse(int status, Optional<Duration> retryAfter) implements ScriptedAnswer {}

    /** Reads the call and never answers. */
    record Hang() implements ScriptedAnswer {}

    /** Closes the connection; {@code afterTaking} says whether the call had its effect before that. */
    record Reset(boolean afterTaking) implements ScriptedAnswer {}

    static ScriptedAnswer refuse(int status) {
        return new Refuse(status, Optional.empty());
    }

    static ScriptedAnswer tooMany(Duration retryAfter) {
        return new Refuse(429, Optional.of(retryAfter));
    }
}
