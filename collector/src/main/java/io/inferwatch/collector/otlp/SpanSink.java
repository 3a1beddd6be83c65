package io.inferwatch.collector.otlp;

/** Takes the spans of a body, one after the other. */
@FunctionalInterface
interface SpanSink {
    void take(Span span);
}
