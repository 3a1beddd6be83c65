package io.inferwatch.collector.otlp;

import java.io.IOException;

/** A body is no OTLP message, or holds more than one may. */
final class MalformedOtlpException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedOtlpException(String message) {
        super(message);
    }
}
