package io.inferwatch.api.app;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.remote.Handover;
import io.inferwatch.api.remote.SidecarClient;
import io.inferwatch.api.remote.WaitingGaps;
import io.inferwatch.collector.Measurement;
import io.inferwatch.collector.RequestMeasurement;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.identity.IdentityPolicy;
import io.inferwatch.collector.proxy.InterChunk;
import io.inferwatch.collector.proxy.ProxyTelemetry;
import io.inferwatch.collector.proxy.RecordLine;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The proxies whose {@code process} is {@code own}, without a sidecar around them: what they see is handed to the sidecar
 * of the same configuration, which may be away meanwhile. A stop lets requests under way end, for {@code proxy.drain} at most.
 */
public final class ProxyProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyProcess.class);
    /** Some 100,000 records. */
    private static final long MOST_BYTES_WAITING = 64L << 20;

    private static final int BAD_REQUEST = 400;
    private static final int LAST_TRIES = 20;
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(12);
    private static final Duration TELL_PATIENCE = Duration.ofSeconds(1);

    private final Lifecycle lifecycle = new Lifecycle();
    private final SidecarClient sidecar;
    private final Handover handover;
    private final WaitingGaps gaps = new WaitingGaps();
    private final ProxyDesk desk;
    private final InstantSource clock;
    private boolean isTelling = true;

    private ProxyProcess(Configuration configuration, InstantSource clock) {
        this.clock = clock;
        this.sidecar = new SidecarClient(address(configuration), configuration.optionalPath("auth.ingest_token_file"));
        this.handover = new Handover(
                body -> sidecar.post("/api/v1/requests?observer=proxy", "application/x-ndjson", body),
                MOST_BYTES_WAITING);
        // Names go to the sidecar as they are, which keeps of them what it keeps of any.
        IdentityHash plain = new IdentityHash(IdentityPolicy.CLEAR, IdentityKey.of(new byte[32]));
        this.desk = new ProxyDesk(
                new ProxyDesk.Manner("own", configuration.duration("proxy.drain")),
                new Keeping(),
                plain,
                this::tell,
                clock);
    }

    /**
     * @throws StartException when there is nothing to open, or an address cannot be listened at
     * @throws io.inferwatch.api.config.ConfigException when the configuration cannot be used
     */
    public static ProxyProcess start(Configuration configuration) {
        ModuleConfigs configs = ModuleConfigs.of(configuration);
        if (ServerList.proxies(configs.servers().written(), true).isEmpty()
                && configs.servers().files().isEmpty()) {
            throw new StartException(
                    2, "no server of the configuration has a proxy with process: own; there is nothing to open");
        }
        ProxyProcess process = new ProxyProcess(configuration, InstantSource.system());
        try {
            process.open(configs, System::nanoTime);
            return process;
        } catch (RuntimeException | Error e) {
            process.close();
            throw e;
        }
    }

    private void open(ModuleConfigs configs, LongSupplier nanos) {
        Loops handing = Loops.start("handover", handover::step);
        lifecycle.onStop("handover", () -> finish(handing));
        ServersWatch servers =
                new ServersWatch(configs.servers(), (all, problems) -> desk.keep(ServerList.proxies(all, true)));
        desk.open(ServerList.proxies(configs.servers().written(), true), servers.hasFiles(), lifecycle, nanos);
        if (servers.hasFiles()) {
            try {
                servers.start();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartException(2, "interrupted while the servers were read for the first time");
            }
            Loops watching = Loops.start("servers-watch", servers::step);
            lifecycle.onStop("servers-watch", () -> watching.stop(TELL_PATIENCE));
        }
        HeapTrim heap = new HeapTrim(Runtime.getRuntime()::totalMemory, System::gc, desk::isRelaying, nanos);
        Loops trimming = Loops.start("heap-trim", heap::step);
        lifecycle.onStop("heap-trim", () -> trimming.stop(TELL_PATIENCE));
    }

    /** On the way down, once nothing comes any more: what waits is offered a few times more. */
    private void finish(Loops handing) throws InterruptedException {
        handing.stop(STOP_PATIENCE);
        for (int tries = 0; tries < LAST_TRIES && handover.stats().waiting() > 0; tries++) {
            Duration rest = handover.step();
            if (!rest.isZero()) {
                Thread.sleep(Math.min(rest.toMillis(), TELL_PATIENCE.toMillis()));
            }
        }
        tell(List.of());
        long lost = handover.stats().waiting();
        if (lost > 0) {
            LOG.error("{} records found no sidecar at {} and are lost", lost, sidecar.address());
        }
        if (gaps.dropped() > 0) {
            LOG.error("{} times between chunks found no room while the sidecar was away", gaps.dropped());
        }
    }

    private static String address(Configuration configuration) {
        if (configuration.optionalPath("http.tls.certificate_file").isPresent()) {
            throw new StartException(
                    2,
                    "http.tls: records are handed over in plain HTTP; let the sidecar listen on loopback without TLS");
        }
        String host = configuration.text("http.host");
        boolean isAny = host.equals("0.0.0.0") || host.equals("::");
        return "http://" + (isAny ? "127.0.0.1" : host.contains(":") ? "[" + host + "]" : host) + ":"
                + configuration.integer("http.port");
    }

    /** On the thread that reads along. */
    private final class Keeping implements ProxyTelemetry.Keeper {
        @Override
        public boolean keep(List<Measurement> measurements) {
            for (Measurement each : measurements) {
                if (each instanceof RequestMeasurement request) {
                    handover.add(RecordLine.of(request, clock.millis()));
                }
            }
            return true;
        }

        @Override
        public void keepGaps(List<InterChunk> told) {
            gaps.add(told);
        }
    }

    private void tell(List<ProxyStatus> now) {
        Handover.Stats stats = handover.stats();
        List<Map<String, Object>> proxies = now.stream()
                .map(each -> shape(each, stats.dropped() + stats.refused()))
                .toList();
        List<InterChunk> waited = gaps.take();
        boolean isTaken = false;
        try {
            byte[] body = ObjectMapper.getDefault()
                    .writeValueAsBytes(Map.of(
                            "proxies",
                            proxies,
                            "inter_chunk",
                            waited.stream().map(ProxyProcess::shape).toList()));
            Handover.Answer answer = sidecar.post("/api/v1/proxies", "application/json", body);
            toldOrNot(answer.status() / 100 == 2, "it answered " + answer.status());
            // What it does not understand today it will not understand tomorrow.
            isTaken = answer.status() / 100 == 2 || answer.status() == BAD_REQUEST;
        } catch (IOException e) {
            toldOrNot(false, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (!isTaken) {
            gaps.add(waited);
        }
    }

    private static Map<String, Object> shape(InterChunk gap) {
        return Map.of(
                "server", gap.server(),
                "model", gap.model(),
                "outcome", gap.outcome(),
                "us", gap.micros(),
                "count", gap.count());
    }

    private void toldOrNot(boolean isTold, String why) {
        if (isTold != isTelling) {
            isTelling = isTold;
            if (isTold) {
                LOG.info("the sidecar at {} hears of the proxies again", sidecar.address());
            } else {
                LOG.warn("the sidecar at {} does not hear of the proxies: {}; they relay on", sidecar.address(), why);
            }
        }
    }

    private static Map<String, Object> shape(ProxyStatus proxy, long lost) {
        Map<String, Object> shape = new LinkedHashMap<>();
        shape.put("server", proxy.server());
        shape.put("listen", proxy.listen());
        shape.put("upstream", proxy.upstream());
        shape.put("inflight", proxy.inflight());
        shape.put("oldest_inflight_us", proxy.oldestMicros());
        shape.put("up", proxy.isUp());
        shape.put("dropped", proxy.dropped() + lost);
        return shape;
    }

    /** The one line that says it relays. */
    public String readyLine() {
        String relayed = desk.statuses().stream()
                .map(each -> each.server() + " on " + each.listen() + " to " + each.upstream())
                .collect(Collectors.joining(", "));
        return "inferwatch proxy ready: " + relayed + " · records go to " + sidecar.address();
    }

    /** A {@link #close} that is going on, or still comes, cuts the requests under way instead of waiting for them. Any thread. */
    public void cut() {
        desk.cut();
    }

    /** Takes no more requests, lets those under way end, hands over what was seen. */
    @Override
    public void close() {
        lifecycle.close();
    }
}
