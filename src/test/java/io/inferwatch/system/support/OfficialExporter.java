package io.inferwatch.system.support;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.exporter.otlp.http.metrics.OtlpHttpMetricExporter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.metrics.Aggregation;
import io.opentelemetry.sdk.metrics.InstrumentSelector;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.View;
import io.opentelemetry.sdk.metrics.export.PeriodicMetricReader;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A service that is instrumented with OpenTelemetry's own Java SDK and its exporter over HTTP, gzipped protobuf. */
public final class OfficialExporter implements AutoCloseable {
    /** The SDK allows no instrument a name with a colon; an exponential histogram comes of a view. */
    private static final String EXPONENTIAL = "gen_ai.server.request.duration";

    private static final Duration NEVER = Duration.ofHours(1);
    private static final int PATIENCE_SECONDS = 60;

    private final SdkTracerProvider traces;
    private final SdkMeterProvider metrics;

    /** @param base of the sidecar */
    public OfficialExporter(String base, String service) {
        Resource resource = Resource.create(
                Attributes.builder().put("service.name", service).build());
        traces = SdkTracerProvider.builder()
                .setResource(resource)
                .addSpanProcessor(SimpleSpanProcessor.create(OtlpHttpSpanExporter.builder()
                        .setEndpoint(base + "/v1/traces")
                        .setCompression("gzip")
                        .build()))
                .build();
        metrics = SdkMeterProvider.builder()
                .setResource(resource)
                .registerView(
                        InstrumentSelector.builder().setName(EXPONENTIAL).build(),
                        View.builder()
                                .setAggregation(Aggregation.base2ExponentialBucketHistogram())
                                .build())
                .registerMetricReader(PeriodicMetricReader.builder(OtlpHttpMetricExporter.builder()
                                .setEndpoint(base + "/v1/metrics")
                                .setCompression("gzip")
                                .build())
                        .setInterval(NEVER)
                        .build())
                .build();
    }

    /** A call of a model that has ended now. */
    public void call(Duration latency, Attributes attributes) {
        Instant end = Instant.now();
        traces.get("system-test")
                .spanBuilder("llm_request")
                .setSpanKind(SpanKind.SERVER)
                .setStartTimestamp(end.minus(latency))
                .setAllAttributes(attributes)
                .startSpan()
                .end(end);
    }

    /** Into an explicit histogram with these bounds. */
    public void explicit(String name, List<Double> bounds, Attributes attributes, double... seconds) {
        var histogram = metrics.get("system-test")
                .histogramBuilder(name)
                .setUnit("s")
                .setExplicitBucketBoundariesAdvice(bounds)
                .build();
        for (double each : seconds) {
            histogram.record(each, attributes);
        }
    }

    /** Into the exponential histogram of latencies. */
    public void exponential(Attributes attributes, double... seconds) {
        var histogram = metrics.get("system-test")
                .histogramBuilder(EXPONENTIAL)
                .setUnit("s")
                .build();
        for (double each : seconds) {
            histogram.record(each, attributes);
        }
    }

    public void count(String name, Attributes attributes, long more) {
        metrics.get("system-test").counterBuilder(name).build().add(more, attributes);
    }

    /** @return whether the sidecar has taken all of it */
    public boolean flush() {
        CompletableResultCode sent = CompletableResultCode.ofAll(List.of(traces.forceFlush(), metrics.forceFlush()));
        return sent.join(PATIENCE_SECONDS, TimeUnit.SECONDS).isSuccess();
    }

    @Override
    public void close() {
        traces.close();
        metrics.close();
    }
}
