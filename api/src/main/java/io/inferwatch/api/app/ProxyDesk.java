package io.inferwatch.api.app;

import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.proxy.EventLoops;
import io.inferwatch.collector.proxy.Proxy;
import io.inferwatch.collector.proxy.ProxyTarget;
import io.inferwatch.collector.proxy.ProxyTelemetry;
import io.inferwatch.rules.yaml.Durations;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The proxies of one process: opened at the start, told of each second, drained together at the stop. */
public final class ProxyDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyDesk.class);
    /** As long as clients of such servers wait by default. */
    private static final Duration SERVER_SILENCE = Duration.ofMinutes(10);

    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final int PROBE_EVERY_STEPS = 5;
    private static final Duration TELEMETRY_PATIENCE = Duration.ofMillis(500);
    /** Otherwise each chunk would wake the thread that reads along, beside the relay that has a chunk to pass on. */
    private static final Duration TELEMETRY_REST = Duration.ofMillis(10);

    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
    private static final int THREADS = 2;
    private static final long NANOS_PER_MICRO = 1_000;

    /**
     * What one process differs in from another.
     *
     * @param process as {@link ProxyStatus#process} tells it
     * @param drain how long requests under way may take when it stops
     */
    record Manner(String process, Duration drain) {
        /** A stop of the sidecar takes ten seconds at most. */
        static final Manner SIDECAR = new Manner("sidecar", STOP_PATIENCE);
    }

    private final Manner manner;
    private final ProxyTelemetry telemetry;
    private final Consumer<List<ProxyStatus>> told;
    private final InstantSource clock;
    private final List<Proxy> proxies = new CopyOnWriteArrayList<>();
    private volatile Set<ProxyTarget> fixed = Set.of();
    /** Of files. */
    private final Map<ProxyTarget, Proxy> kept = new LinkedHashMap<>();
    /** Of files, and not open: their address is taken by another. */
    private final Set<ProxyTarget> waiting = new LinkedHashSet<>();
    /** Each lets the requests of one proxy end. */
    private final List<Thread> stops = new ArrayList<>();

    private boolean isCut;

    private volatile @Nullable Opener opener;

    @FunctionalInterface
    private interface Opener {
        Proxy open(ProxyTarget target) throws IOException;
    }

    private long steps;

    /** @param told gets how each proxy is, each second */
    ProxyDesk(
            Manner manner,
            ProxyTelemetry.Keeper journal,
            IdentityHash identities,
            Consumer<List<ProxyStatus>> told,
            InstantSource clock) {
        this.manner = manner;
        this.telemetry = new ProxyTelemetry(journal, identities);
        this.told = told;
        this.clock = clock;
    }

    /**
     * Once, before the proxies of files come.
     *
     * @param mayGetMore whether {@link #keep} may name further ones: without any a proxy costs nothing
     * @throws StartException when an address cannot be listened at
     */
    void open(List<ProxyTarget> targets, boolean mayGetMore, Lifecycle lifecycle, LongSupplier nanos) {
        fixed = Set.copyOf(targets);
        if (targets.isEmpty() && !mayGetMore) {
            return;
        }
        Loops reading = Loops.start("proxy-telemetry", () -> {
            telemetry.step(TELEMETRY_PATIENCE);
            return TELEMETRY_REST;
        });
        lifecycle.onStop("proxy-telemetry", () -> {
            reading.stop(STOP_PATIENCE);
            while (telemetry.step(Duration.ZERO)) {
                // Nothing comes any more; what was relayed and not yet read is told all the same.
            }
        });
        EventLoops loops = new EventLoops(THREADS);
        opener = target -> new Proxy(target, telemetry, loops, SERVER_SILENCE, nanos);
        lifecycle.onStop("proxy-loops", () -> loops.stop(STOP_PATIENCE));
        Loops gauging = Loops.start("proxy-gauges", this::gauges);
        lifecycle.onStop("proxy-gauges", () -> gauging.stop(STOP_PATIENCE));
        lifecycle.onStop("proxies", this::stop);
        for (ProxyTarget target : targets) {
            try {
                open(target);
            } catch (IOException e) {
                throw new StartException(2, String.valueOf(e.getMessage()));
            }
        }
    }

    private void open(ProxyTarget target) throws IOException {
        Opener known = opener;
        if (known == null) {
            throw new IllegalStateException("a proxy before open");
        }
        Proxy proxy = known.open(target);
        proxies.add(proxy);
        LOG.info("server {} is relayed: {} to {}", target.server(), proxy.address(), target.upstream());
    }

    /**
     * From now on exactly these are open, besides what {@link #open} opened: one that stays as it is goes on undisturbed, one that
     * is gone lets its requests end. An address that cannot be listened at is said once, and tried every five seconds.
     */
    synchronized void keep(List<ProxyTarget> all) {
        List<ProxyTarget> targets =
                all.stream().filter(target -> !fixed.contains(target)).toList();
        for (Proxy proxy : kept.values()) {
            if (!targets.contains(proxy.target())) {
                proxies.remove(proxy);
                proxy.stopListening();
                beginStop(proxy);
            }
        }
        kept.keySet().retainAll(targets);
        waiting.retainAll(targets);
        for (ProxyTarget target : targets) {
            if (!kept.containsKey(target)) {
                tryToOpen(target);
            }
        }
    }

    private void tryToOpen(ProxyTarget target) {
        try {
            open(target);
            kept.put(target, proxies.getLast());
            waiting.remove(target);
        } catch (IOException e) {
            if (waiting.add(target)) {
                LOG.error("{}; it is tried again every five seconds", e.getMessage());
            }
        }
    }

    /** Opens what could not be opened before, where that is possible now. */
    synchronized void retry() {
        List.copyOf(waiting).forEach(this::tryToOpen);
    }

    private void stop() throws InterruptedException {
        for (Thread each : beginStops()) {
            each.join();
        }
    }

    /** All at once: while one drains, no other takes new requests. */
    private synchronized List<Thread> beginStops() {
        waiting.clear();
        proxies.forEach(this::beginStop);
        return List.copyOf(stops);
    }

    private void beginStop(Proxy proxy) {
        stops.removeIf(each -> !each.isAlive());
        stops.add(Thread.ofPlatform()
                .daemon()
                .name("proxy-stop-" + proxy.target().server())
                .start(() -> stop(proxy)));
    }

    /** Ends the patience: a stop that is going on, or still comes, cuts the requests under way. */
    synchronized void cut() {
        isCut = true;
        stops.forEach(Thread::interrupt);
    }

    private synchronized Duration patience() {
        return isCut ? Duration.ZERO : manner.drain;
    }

    private int ended(Proxy proxy) throws InterruptedException {
        try {
            return proxy.stop(patience());
        } catch (InterruptedException e) {
            return proxy.stop(patience());
        }
    }

    private void stop(Proxy proxy) {
        if (proxy.inflight() > 0) {
            LOG.info(
                    "{} requests to {} are under way; they have {} to end",
                    proxy.inflight(),
                    proxy.target().server(),
                    Durations.format(patience()));
        }
        try {
            int cut = ended(proxy);
            if (cut > 0) {
                LOG.warn(
                        "{} requests to {} were cut by the stop",
                        cut,
                        proxy.target().server());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Duration gauges() {
        if (steps++ % PROBE_EVERY_STEPS == 0) {
            retry();
            proxies.forEach(Proxy::probe);
        }
        List<ProxyStatus> now = statuses();
        if (!now.isEmpty()) {
            told.accept(now);
        }
        return EVERY;
    }

    /** Whether a request for inference is under way. */
    boolean isRelaying() {
        return proxies.stream().anyMatch(proxy -> proxy.inflight() > 0);
    }

    List<ProxyStatus> statuses() {
        return proxies.stream()
                .map(proxy -> new ProxyStatus(
                        proxy.target().server(),
                        manner.process,
                        proxy.target().listenHost() + ":" + proxy.address().getPort(),
                        proxy.target().upstream().toString(),
                        proxy.inflight(),
                        proxy.oldestNanos() / NANOS_PER_MICRO,
                        proxy.isUp(),
                        telemetry.dropped(),
                        clock.instant()))
                .toList();
    }

    /** Requests that were relayed and not measured. */
    public long dropped() {
        return telemetry.dropped();
    }
}
