package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.SampleMeasurement;
import io.inferwatch.collector.catalogue.Metric;
import io.inferwatch.collector.catalogue.MetricCatalogue;
import io.inferwatch.collector.proxy.InterChunk;
import io.inferwatch.collector.proxy.ProxyTelemetry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the sidecar knows of each proxy, its own and those of other processes; each word of one is journalled. Any thread. */
public final class ProxyGauges {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyGauges.class);
    private static final Metric INFLIGHT = MetricCatalogue.require("llm.inflight");
    private static final Metric OLDEST = MetricCatalogue.require("llm.oldest_inflight");
    private static final Metric UP = MetricCatalogue.require("server.up");
    /** Proxies tell each second. */
    private static final Duration SILENT_AFTER = Duration.ofSeconds(10);

    private static final int MOST_PROXIES = 256;

    private final ProxyTelemetry.Keeper journal;
    private final InstantSource clock;
    private final Map<String, ProxyStatus> last = new LinkedHashMap<>();

    ProxyGauges(ProxyTelemetry.Keeper journal, InstantSource clock) {
        this.journal = journal;
        this.clock = clock;
    }

    /** How things are with these proxies now. */
    public void tell(List<ProxyStatus> told) {
        List<Measurement> made = new ArrayList<>();
        for (ProxyStatus each : told) {
            LabelSet labels = LabelSet.of("server", each.server(), "observer", "proxy");
            made.add(gauge(INFLIGHT, labels, each.inflight()));
            made.add(gauge(OLDEST, labels, each.oldestMicros()));
            made.add(gauge(UP, labels, each.isUp() ? 1 : 0));
        }
        synchronized (this) {
            for (ProxyStatus each : told) {
                if (last.containsKey(each.server()) || last.size() < MOST_PROXIES) {
                    last.put(each.server(), each);
                }
            }
        }
        boolean isKept = journal.keep(made);
        LOG.debug("gauges of {} proxies were journalled: {}", told.size(), isKept);
    }

    /** The times between chunks that a proxy of another process saw. */
    public void tellGaps(List<InterChunk> gaps) {
        journal.keepGaps(gaps);
    }

    private static SampleMeasurement gauge(Metric metric, LabelSet labels, long scaledValue) {
        return new SampleMeasurement(
                metric, labels, scaledValue, OptionalLong.empty(), SampleMeasurement.Origin.UNKNOWN);
    }

    /** The last word of each. */
    public synchronized List<ProxyStatus> all() {
        return List.copyOf(last.values());
    }

    /** Whether a proxy still tells of itself. */
    public boolean isHeard(ProxyStatus proxy) {
        return proxy.toldAt().plus(SILENT_AFTER).isAfter(clock.instant());
    }
}
