package io.inferwatch.collector.push;

import java.util.Optional;

/** A record that is JSON and yet cannot be taken. Carries no stack: it is an outcome, and may come by the thousand. */
final class RefusedRecordException extends Exception {
    private final Optional<String> field;
    private final Rejection rejection;
    private final String told;

    RefusedRecordException(Rejection rejection, String field, String message) {
        this(rejection, Optional.of(field), message);
    }

    RefusedRecordException(Rejection rejection, Optional<String> field, String message) {
        super(message, null, false, false);
        this.rejection = rejection;
        this.field = field;
        this.told = message;
    }

    Rejection rejection() {
        return rejection;
    }

    Optional<String> field() {
        return field;
    }

    /** Names the value and the remedy. */
    String told() {
        return told;
    }
}
