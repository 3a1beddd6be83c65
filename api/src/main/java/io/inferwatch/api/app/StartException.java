package io.inferwatch.api.app;

/** The sidecar cannot start; the message names the thing, the value and the remedy. */
public final class StartException extends RuntimeException {
    private final int exitCode;

    /** @param exitCode 2: a start-up error; 3: the data directory is in use */
    public StartException(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    public int exitCode() {
        return exitCode;
    }
}
