package io.inferwatch.histograms.store;

/** The bytes of a row are not what was written. */
final class CorruptRowException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CorruptRowException(String message) {
        super(message);
    }
}
