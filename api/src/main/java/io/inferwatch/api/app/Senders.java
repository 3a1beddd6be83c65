package io.inferwatch.api.app;

import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.exposition.EventHistograms;
import io.inferwatch.api.remote.OtlpMetrics;
import io.inferwatch.api.remote.PrometheusRemoteWrite;
import io.inferwatch.api.remote.Protocol;
import io.inferwatch.api.remote.SendConfig;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Starts what sends metrics elsewhere: nothing, unless it is configured. */
final class Senders {
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);

    private final Parts parts;
    private final ModuleConfigs configs;
    private final Lifecycle lifecycle;
    private final LongSupplier nanos;

    Senders(Parts parts, ModuleConfigs configs, Lifecycle lifecycle, LongSupplier nanos) {
        this.parts = parts;
        this.configs = configs;
        this.lifecycle = lifecycle;
        this.nanos = nanos;
    }

    /** @param remoteWrite in which form remote write sends events */
    void start(EventHistograms remoteWrite) {
        configs.remoteWrite().ifPresent(config -> start(config, new PrometheusRemoteWrite(), remoteWrite));
        configs.otlpExport()
                .ifPresent(config -> start(config, new OtlpMetrics(parts.clock().instant()), EventHistograms.NATIVE));
    }

    /** Two threads: the one that gathers never waits for the receiver. */
    private void start(SendConfig config, Protocol protocol, EventHistograms events) {
        SendDesk desk = new SendDesk(parts, config, protocol, events, nanos);
        Loops gathering = Loops.start(config.key() + "-gather", desk::gather);
        lifecycle.onStop(config.key() + "-gather", () -> gathering.stop(STOP_PATIENCE));
        Loops sending = Loops.start(config.key(), desk::send);
        lifecycle.onStop(config.key(), () -> sending.stop(STOP_PATIENCE));
    }
}
