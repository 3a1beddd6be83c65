package io.inferwatch.histograms;

/** A question that means nothing on what it is put to; the message says why and what to ask instead. */
public final class UnfitQueryException extends IllegalArgumentException {
    public UnfitQueryException(String message) {
        super(message);
    }
}
