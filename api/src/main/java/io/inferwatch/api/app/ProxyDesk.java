package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.proxy.EventLoops;
import io.inferwatch.collector.proxy.Proxy;
import io.inferwatch.collector.proxy.ProxyTarget;
import io.inferwatch.collector.proxy.ProxyTelemetry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxies of the configuration: opened at the start, their gauges journalled each second, drained at the stop. */
public final class ProxyDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyDesk.class);
    private static final Metric INFLIGHT = MetricCatalogue.require("llm.inflight");
    private static final Metric OLDEST = MetricCatalogue.require("llm.oldest_inflight");
    private static final Metric UP = MetricCatalogue.require("server.up");
    /** As long as clients of such servers wait by default. */
    private static final Duration SERVER_SILENCE = Duration.ofMinutes(10);

    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final int PROBE_EVERY_STEPS = 5;
    private static final Duration TELEMETRY_PATIENCE = Duration.ofMillis(500);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
    private static final int THREADS = 2;
    private static final long NANOS_PER_MICRO = 1_000;

    private final ProxyTelemetry telemetry;
    private final ProxyTelemetry.Keeper journal;
    private final List<Proxy> proxies = new ArrayList<>();
    private long steps;

    ProxyDesk(ProxyTelemetry.Keeper journal, IdentityHash identities) {
        this.journal = journal;
        this.telemetry = new ProxyTelemetry(journal, identities);
    }

    /** @throws StartException when an address cannot be listened at */
    void open(List<ProxyTarget> targets, Lifecycle lifecycle, LongSupplier nanos) {
        if (targets.isEmpty()) {
            return;
        }
        Loops reading = Loops.start("proxy-telemetry", () -> {
            telemetry.step(TELEMETRY_PATIENCE);
            return Duration.ZERO;
        });
        lifecycle.onStop("proxy-telemetry", () -> reading.stop(STOP_PATIENCE));
        EventLoops loops = new EventLoops(THREADS);
        lifecycle.onStop("proxy-loops", () -> loops.stop(STOP_PATIENCE));
        for (ProxyTarget target : targets) {
            try {
                Proxy proxy = new Proxy(target, telemetry, loops, SERVER_SILENCE, nanos);
                proxies.add(proxy);
                lifecycle.onStop("proxy of " + target.server(), () -> stop(proxy));
                LOG.info("server {} is relayed: {} to {}", target.server(), proxy.address(), target.upstream());
            } catch (IOException e) {
                throw new StartException(2, String.valueOf(e.getMessage()));
            }
        }
        Loops gauging = Loops.start("proxy-gauges", this::gauges);
        lifecycle.onStop("proxy-gauges", () -> gauging.stop(STOP_PATIENCE));
    }

    private static void stop(Proxy proxy) throws InterruptedException {
        int cut = proxy.stop(STOP_PATIENCE);
        if (cut > 0) {
            LOG.warn(
                    "{} requests to {} were cut by the stop",
                    cut,
                    proxy.target().server());
        }
    }

    private Duration gauges() {
        boolean isProbed = steps++ % PROBE_EVERY_STEPS == 0;
        List<Measurement> made = new ArrayList<>();
        for (Proxy proxy : proxies) {
            if (isProbed) {
                proxy.probe();
            }
            LabelSet labels = LabelSet.of("server", proxy.target().server(), "observer", "proxy");
            made.add(gauge(INFLIGHT, labels, proxy.inflight()));
            made.add(gauge(OLDEST, labels, proxy.oldestNanos() / NANOS_PER_MICRO));
            made.add(gauge(UP, labels, proxy.isUp() ? 1 : 0));
        }
        boolean isKept = journal.keep(made);
        LOG.debug("gauges of {} proxies were journalled: {}", proxies.size(), isKept);
        return EVERY;
    }

    private static SampleMeasurement gauge(Metric metric, LabelSet labels, long scaledValue) {
        return new SampleMeasurement(
                metric, labels, scaledValue, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }

    /** Requests that were relayed and not measured. */
    public long dropped() {
        return telemetry.dropped();
    }
}
