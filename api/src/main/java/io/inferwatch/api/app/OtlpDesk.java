package io.inferwatch.api.app;

import io.inferwatch.collector.Collector;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.otlp.MetricIntake;
import io.inferwatch.collector.otlp.TraceIntake;

/** What takes OTLP. */
public record OtlpDesk(TraceIntake traces, MetricIntake metrics) {
    OtlpDesk(Collector collector, IdentityKey key) {
        this(new TraceIntake(collector, key), new MetricIntake(collector));
    }
}
