package io.inferwatch.collector.otlp;

import io.inferwatch.collector.protobuf.ProtobufReader;
import java.io.IOException;

/** A body is no OTLP message, or holds more than one may. */
final class MalformedOtlpException extends IOException {
    private static final long serialVersionUID = 1L;

    MalformedOtlpException(String message) {
        super(message);
    }

    /** The fields of a body. */
    static ProtobufReader<MalformedOtlpException> inProtobuf(byte[] body) {
        return new ProtobufReader<>(
                body, what -> new MalformedOtlpException("the body is no OTLP in protobuf: it " + what));
    }
}
