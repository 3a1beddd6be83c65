package io.inferwatch.api.app;

/** A call came before the replay had caught up, or after the stop began. */
public final class NotReadyException extends RuntimeException {
    NotReadyException(String message) {
        super(message, null, false, false);
    }
}
