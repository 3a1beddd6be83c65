package io.inferwatch.api.cli;

/** Nothing answers where the sidecar should. */
final class NoSidecar extends CommandFailure {
    NoSidecar(String message) {
        super(InferwatchCommand.NOT_HERE, message);
    }
}
