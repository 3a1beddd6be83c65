package io.inferwatch.collector.payload;

/** A payload that is not what this release writes: damaged, or of a later format. Carries no stack: it is an outcome. */
public final class DamagedPayloadException extends Exception {
    public DamagedPayloadException(String message) {
        super(message, null, false, false);
    }
}
