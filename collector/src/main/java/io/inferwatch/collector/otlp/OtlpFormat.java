package io.inferwatch.collector.otlp;

/** The two forms of OTLP over HTTP. */
public enum OtlpFormat {
    JSON,
    PROTOBUF
}
