package io.inferwatch.api.app;

import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.exposition.EventHistograms;
import io.inferwatch.api.remote.OtlpMetrics;
import io.inferwatch.api.remote.PrometheusRemoteWrite;
import io.inferwatch.collector.journal.ChronicleJournal;
import io.inferwatch.gpu.GpuConfig;
import io.inferwatch.histograms.WindowStore;
import io.inferwatch.histograms.store.StoreThread;
import io.inferwatch.notifier.watchdog.Heartbeat;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.book.RuleTicker;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts each thread of a sidecar whose parts are made, in the order in which they need each other, and pushes its stop
 * step. Used by the thread that starts.
 */
final class Threads {
    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
    /** Every append ends it; windows close by the clock meanwhile. */
    private static final Duration APPLY_REST = Duration.ofSeconds(1);
    /** Nothing tells when the database has caught up. */
    private static final Duration APPLY_REST_WHEN_FULL = Duration.ofMillis(20);

    private final Configuration configuration;
    private final ModuleConfigs configs;
    private final Lifecycle lifecycle;
    private final LongSupplier nanos;

    Threads(Configuration configuration, ModuleConfigs configs, Lifecycle lifecycle, LongSupplier nanos) {
        this.configuration = configuration;
        this.configs = configs;
        this.lifecycle = lifecycle;
        this.nanos = nanos;
    }

    /** The only one that writes the database. */
    void store(StoreThread thread) {
        thread.start();
        lifecycle.onStop("store", () -> thread.stop(STOP_PATIENCE));
    }

    /** Rules begin, and records are taken, when the windows stand where they stood before. */
    void replay(Parts parts, ChronicleJournal journal) {
        CountDownLatch caughtUp = new CountDownLatch(1);
        Loops apply = repeat("apply", () -> {
            int applied = parts.apply().doWork();
            if (parts.apply().isCaughtUp()) {
                caughtUp.countDown();
            }
            if (applied > 0) {
                return Duration.ZERO;
            }
            return parts.apply().lagRecords() > 0 ? APPLY_REST_WHEN_FULL : APPLY_REST;
        });
        journal.whenAppended(apply::wake);
        try {
            caughtUp.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(2, "interrupted while the journal was replayed");
        }
    }

    void alerting(Parts parts, RulesDesk desk) {
        List<StoredState> states = parts.pipeline().restore();
        Instant now = parts.clock().instant();
        Instant stoppedAt = Instant.ofEpochMilli(parts.journal().lastReceivedEpochMillis());
        parts.engine().restore(states, stoppedAt, now).forEach(fault -> LOG.error("alert state lost: {}", fault));
        parts.pipeline().weeklyFrom(new ThresholdAdvisor(parts.engine(), desk.backtests()::count, parts.clock()));
        parts.pipeline().start();
        lifecycle.onStop("notifier", () -> parts.pipeline().stop(STOP_PATIENCE));
        RuleTicker ticker = parts.ticker();
        repeat("tick", () -> ticker.doWork() ? Duration.ZERO : ticker.untilNext());
        PastLoop past = new PastLoop(parts.engine(), parts.queries(), parts.clock());
        repeat("rules-past", past::step);
        repeat("marks", parts.markDesk()::step);
        if (configuration.flag("rules.watch")) {
            repeat("rules-watch", desk::watch);
        }
        if (desk.replay().isOn()) {
            repeat("rules-replay", desk.replay()::step);
        }
    }

    void heartbeat(Parts parts, Channels channels, String hostId) {
        Heartbeat heartbeat = channels.heartbeat(
                hostId,
                parts.clock(),
                () -> Health.isWorking(parts),
                () -> parts.rules().current().plan().watchdog(),
                parts.pipeline());
        repeat("watchdog", heartbeat::step);
    }

    void gpus(Parts parts) {
        parts.gpus().start();
        lifecycle.onStop("gpus", parts.gpus()::stop);
    }

    void scrapes(ScrapeDesk scrapes, ServersWatch servers) {
        lifecycle.onStop("scrapes", scrapes::stop);
        try {
            servers.start();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(2, "interrupted while the servers were read for the first time");
        }
        if (servers.hasFiles()) {
            repeat("servers-watch", servers::step);
        }
    }

    /** What sends metrics elsewhere: nothing, unless it is configured. */
    void senders(Parts parts, String hostId) {
        configs.remoteWrite()
                .ifPresent(config -> send(new SendDesk(
                        parts,
                        config,
                        new PrometheusRemoteWrite(),
                        ModuleConfigs.eventHistograms(configuration),
                        nanos)));
        configs.otlpExport()
                .ifPresent(config -> send(new SendDesk(
                        parts,
                        config,
                        new OtlpMetrics(parts.clock().instant(), resource(hostId)),
                        EventHistograms.NATIVE,
                        nanos)));
    }

    private static Map<String, String> resource(String hostId) {
        Map<String, String> resource =
                new TreeMap<>(Map.of("service.name", "inferwatch", "service.instance.id", hostId, "host.name", hostId));
        // A run from class files has no version.
        Optional.ofNullable(Threads.class.getPackage().getImplementationVersion())
                .ifPresent(version -> resource.put("service.version", version));
        return resource;
    }

    /** Two threads: the one that gathers never waits for the receiver. */
    private void send(SendDesk desk) {
        repeat(desk.name() + "-gather", desk::gather);
        repeat(desk.name(), desk::send);
    }

    void upkeep(Parts parts, WindowStore windows) {
        JournalRelease release = new JournalRelease(
                parts.journal(), windows, configs.journal().maxBytes(), parts.backups()::isHoldingJournal);
        repeat("journal-release", release::step);
        if (parts.prices().hasFile()) {
            repeat("prices-watch", parts.prices()::step);
        }
        SelfMetrics self = new SelfMetrics(parts, configuration.flag("http.insecure_plaintext"));
        repeat("self-metrics", self::step);
        HostedGauges hosted = new HostedGauges(
                () -> parts.hostedCosts()
                        .over(
                                parts.clock().instant().minus(HostedGauges.STRETCH),
                                parts.clock().instant()),
                parts.collector()::accept);
        if (configs.gpu().enabled() != GpuConfig.Enabled.FALSE) {
            repeat("hosted-cost", hosted::step);
        }
        HeapTrim heap = new HeapTrim(Runtime.getRuntime()::totalMemory, System::gc, parts.proxies()::isRelaying, nanos);
        repeat("heap-trim", heap::step);
    }

    private Loops repeat(String name, Loops.Step step) {
        Loops loop = Loops.start(name, step);
        lifecycle.onStop(name, () -> loop.stop(STOP_PATIENCE));
        return loop;
    }
}
