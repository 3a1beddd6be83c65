package io.inferwatch.api.cli;

/** Ends a command with one line on standard error and an exit code. */
sealed class CommandFailure extends RuntimeException permits NoSidecar {
    private final int exitCode;

    CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    int exitCode() {
        return exitCode;
    }
}
