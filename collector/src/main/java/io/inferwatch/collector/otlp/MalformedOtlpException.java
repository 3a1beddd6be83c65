package io.inferwatch.collector.otlp;

/** A body is no OTLP message. */
final class MalformedOtlpException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedOtlpException(String message) {
        super(message);
    }
}
