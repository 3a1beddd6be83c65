package io.inferwatch.histograms.store;

/** The database refused, or what it holds cannot be read. The message names what was tried. */
public class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }
}
