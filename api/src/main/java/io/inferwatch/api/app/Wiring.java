package io.inferwatch.api.app;

import io.inferwatch.api.access.Tokens;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.journal.ChronicleJournal;
import io.inferwatch.collector.journal.DataDirectoryLock;
import io.inferwatch.collector.otlp.TraceIntake;
import io.inferwatch.collector.push.RequestIntake;
import io.inferwatch.collector.push.SampleIntake;
import io.inferwatch.gpu.FileFleetMemory;
import io.inferwatch.gpu.GpuPoll;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.gpu.GpuSink;
import io.inferwatch.gpu.Nvml;
import io.inferwatch.gpu.XidEvent;
import io.inferwatch.gpu.jna.JnaNvml;
import io.inferwatch.histograms.ApplyLoop;
import io.inferwatch.histograms.HostedCosts;
import io.inferwatch.histograms.MarkStore;
import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.RowSource;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.WindowStore;
import io.inferwatch.histograms.store.Database;
import io.inferwatch.histograms.store.JdbcMarkStore;
import io.inferwatch.histograms.store.JdbcWindowStore;
import io.inferwatch.histograms.store.StoreThread;
import io.inferwatch.notifier.NotificationPipeline;
import io.inferwatch.notifier.watchdog.Heartbeat;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.book.Backtest;
import io.inferwatch.rules.book.RuleTicker;
import io.inferwatch.rules.engine.ExpectedInstances;
import io.inferwatch.rules.engine.RuleEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every part and joins them: the one place that knows them all, gives each its clock, and starts each thread. Each
 * start step pushes its own stop step.
 */
final class Wiring {
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(3);
    /** Every append ends it; windows close by the clock meanwhile. */
    private static final Duration APPLY_REST = Duration.ofSeconds(1);
    /** Nothing tells when the database has caught up. */
    private static final Duration APPLY_REST_WHEN_FULL = Duration.ofMillis(20);

    private final Configuration configuration;
    private final ModuleConfigs configs;
    private final Sidecar.Options options;
    private final Lifecycle lifecycle;
    private final InstantSource wallClock = InstantSource.system();
    private final LongSupplier nanos = System::nanoTime;

    /** What runs, and the way to its rules. */
    record Running(Parts parts, RulesDesk desk) {}

    private record StoreParts(WindowStore windows, TelemetryStore telemetry, StoreThread thread, MarkStore marks) {}

    Wiring(Configuration configuration, Sidecar.Options options, Lifecycle lifecycle) {
        this.configuration = configuration;
        this.configs = ModuleConfigs.of(configuration);
        this.options = options;
        this.lifecycle = lifecycle;
    }

    /** The data directory, locked and ours: nothing else may be opened before. */
    DataDirectory openDataDirectory() throws IOException {
        DataDirectory data = DataDirectory.open(Path.of(configuration.text("data.dir")));
        switch (DataDirectoryLock.acquire(data.path(), wallClock)) {
            case DataDirectoryLock.Outcome.Taken taken -> lifecycle.onStop("lock", taken.lock()::close);
            case DataDirectoryLock.Outcome.HeldByAnother held -> {
                String holder = held.holderPid().isPresent()
                        ? "process " + held.holderPid().getAsLong() + " since " + held.holderSince()
                        : "another process";
                throw new StartException(
                        3,
                        data.path() + " is in use by " + holder + "; stop it, or choose another directory with --data");
            }
        }
        return data;
    }

    Tokens tokens(DataDirectory data) throws IOException {
        Optional<String> admin = token("auth.admin_token_file");
        return new Tokens(
                token("auth.ingest_token_file"),
                token("auth.read_token_file"),
                admin.isPresent() ? admin.get() : data.adminToken());
    }

    private Optional<String> token(String key) throws IOException {
        Optional<Path> file = configuration.optionalPath(key);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String token = readSecret(key, file.get());
        if (token.isEmpty()) {
            throw new StartException(2, key + ": " + file.get() + " is empty");
        }
        return Optional.of(token);
    }

    private static String readSecret(String key, Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new StartException(2, key + ": " + file + " cannot be read: " + e);
        }
    }

    /** Opens journal and database side by side, replays, and starts every thread. */
    Running start(DataDirectory data) throws IOException {
        CompletableFuture<Database> database = Joined.start("database-open", () -> openDatabase(data));
        CompletableFuture<RulesSetup> rules = Joined.start("rules-load", this::loadRules);
        PricesDesk prices = new PricesDesk(configuration.optionalPath("prices.file"));
        CompletableFuture<Duration> priced = Joined.start("prices-read", prices::step);
        ChronicleJournal journal = openJournal(data);
        InstantSource clock = () -> Instant.ofEpochMilli(journal.nowEpochMillis());
        String hostId = data.hostId(
                configuration.optionalText("host_id"),
                Optional.ofNullable(options.environment().get("NODE_NAME")));
        LabelSet own = ownLabels();
        LabelSet always = own.plus(LabelSet.of("host", hostId));
        Overload overload = new Overload();
        Collector collector = newCollector(journal, always, overload, prices);
        CompletableFuture<Collector> recalled = Joined.start("ids-recall", collector::recallIds);
        StoreParts store = openStore(Joined.get(database), journal, clock);
        RulesSetup setup = Joined.get(rules);
        lifecycle.onStop("outbound", setup.channels()::close);
        Marks marks = new Marks(store.marks(), clock);
        Backtest backtest = new Backtest(store.telemetry().queries(), ExpectedInstances.ALL, marks::lastDeploy, nanos);
        RulesDesk desk = new RulesDesk(setup, backtest, store.telemetry(), marks, clock);
        desk.retain();
        ApplyLoop apply = openApply(collector, journal, store.telemetry());
        overload.watch(apply);
        startStoreThread(store);
        NotificationPipeline pipeline =
                setup.channels().pipeline(data.path(), hostId, own, store.thread(), clock, nanos);
        ScrapeDesk scrapes = new ScrapeDesk(made -> collector.accept(made) instanceof BatchOutcome.Taken, clock);
        ServersWatch servers = new ServersWatch(configs.scrapes(), scrapes);
        RuleEngine engine = new RuleEngine(setup.book().current(), key -> isExpected(key, servers), marks::lastDeploy);
        IdentityKey key = IdentityKey.loadOrCreate(data.path());
        GpuProbe gpus = newProbe(data, collector, clock);
        Parts parts = new Parts(
                clock,
                journal,
                collector,
                new RequestIntake(collector, key),
                new SampleIntake(collector),
                store.telemetry(),
                store.telemetry().queries(),
                apply,
                store.thread(),
                setup.book(),
                engine,
                new RuleTicker(
                        engine,
                        setup.book(),
                        clock,
                        nanos,
                        store.telemetry()::cut,
                        new BurstDesk(pipeline, setup.book(), gpus)),
                pipeline,
                gpus,
                marks,
                scrapes,
                new ProxyDesk(
                        made -> collector.accept(made) instanceof BatchOutcome.Taken,
                        new IdentityHash(configs.collector().identity(), key)),
                prices,
                new HostedCosts(store.telemetry().queries(), configs.tariff(), clock),
                configuration.flag("otlp.enabled") ? Optional.of(new TraceIntake(collector, key)) : Optional.empty());
        replay(parts, journal);
        Joined.get(recalled);
        Joined.get(priced);
        startAlerting(parts, desk);
        startHeartbeat(parts, setup.channels(), hostId);
        startGpus(parts);
        startScrapes(scrapes, servers);
        parts.proxies().open(configs.proxies(), lifecycle, nanos);
        startUpkeep(parts, store.windows());
        return new Running(parts, desk);
    }

    private GpuProbe newProbe(DataDirectory data, Collector collector, InstantSource clock) {
        GpuSink sink = new GpuSink() {
            @Override
            public void poll(GpuPoll poll) {
                collector.accept(poll);
            }

            @Override
            public void xid(XidEvent event) {
                collector.accept(event);
            }
        };
        return new GpuProbe(
                configs.gpu(),
                gpuSource(),
                clock,
                nanos,
                sink,
                new FileFleetMemory(data.path().resolve("gpus.expected")));
    }

    private Nvml.Opener gpuSource() {
        return options.gpus().orElseGet(() -> JnaNvml.opener(configs.gpu().library()));
    }

    private Database openDatabase(DataDirectory data) {
        Optional<Path> passwordFile = configuration.optionalPath("store.password_file");
        String password = passwordFile
                .map(file -> readSecret("store.password_file", file))
                .orElse("");
        Database.Opened opened = Database.open(configs.store(), password, data.path(), wallClock);
        lifecycle.onStop("database", opened.database()::close);
        opened.loss()
                .ifPresent(loss -> LOG.error(
                        "the database could not be read ({}); it lies at {} and a new one was made",
                        loss.reason(),
                        loss.quarantined()));
        opened.database().migrate(Channels.SCHEMA);
        return opened.database();
    }

    private RulesSetup loadRules() {
        RulesSetup setup = RulesSetup.of(configuration, configs, options.environment(), wallClock);
        setup.readFiles(configuration);
        return setup;
    }

    private ChronicleJournal openJournal(DataDirectory data) throws IOException {
        ChronicleJournal journal =
                ChronicleJournal.open(data.path().resolve("journal"), configs.journal(), wallClock, nanos);
        lifecycle.onStop("journal", journal::close);
        return journal;
    }

    private StoreParts openStore(Database database, ChronicleJournal journal, InstantSource clock) {
        WindowStore windows = new JdbcWindowStore(database, configs.store());
        TelemetryStore telemetry = new TelemetryStore(configs.histograms(), windows, clock, nanos);
        journal.raiseSequenceAbove(telemetry.recovery().highestAppliedThrough());
        journal.start();
        RowSource rows = new RowSource() {
            @Override
            public boolean writeRows() {
                return telemetry.writeRows();
            }

            @Override
            public void flush() {
                telemetry.flush();
            }
        };
        StoreThread thread = new StoreThread(database, rows, windows, clock, nanos);
        return new StoreParts(windows, telemetry, thread, new JdbcMarkStore(database, thread));
    }

    private LabelSet ownLabels() {
        Map<String, String> labels = new LinkedHashMap<>(configuration.textMap("labels"));
        labels.putAll(options.labels());
        return LabelSet.of(labels);
    }

    private Collector newCollector(
            ChronicleJournal journal, LabelSet always, BooleanSupplier overloaded, PricesDesk prices) {
        SecureRandom random = new SecureRandom();
        IdHash hash = new IdHash(random.nextLong(), random.nextLong());
        return new Collector(configs.collector(), journal, always, hash, overloaded, prices.prices());
    }

    private ApplyLoop openApply(Collector collector, ChronicleJournal journal, TelemetryStore telemetry) {
        long from = ApplyLoop.replayStart(telemetry.recovery(), journal);
        ApplyLoop apply = new ApplyLoop(collector.tail(from), journal, telemetry);
        lifecycle.onStop("tail", apply::close);
        return apply;
    }

    private void startStoreThread(StoreParts store) {
        store.thread().start();
        lifecycle.onStop("store", () -> store.thread().stop(STOP_PATIENCE));
    }

    /** Rules begin, and records are taken, when the windows stand where they stood before. */
    private void replay(Parts parts, ChronicleJournal journal) {
        CountDownLatch caughtUp = new CountDownLatch(1);
        Loops loop = Loops.start("apply", () -> {
            int applied = parts.apply().doWork();
            if (parts.apply().isCaughtUp()) {
                caughtUp.countDown();
            }
            if (applied > 0) {
                return Duration.ZERO;
            }
            return parts.apply().lagRecords() > 0 ? APPLY_REST_WHEN_FULL : APPLY_REST;
        });
        journal.whenAppended(loop::wake);
        lifecycle.onStop("apply", () -> loop.stop(STOP_PATIENCE));
        try {
            caughtUp.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(2, "interrupted while the journal was replayed");
        }
    }

    private void startAlerting(Parts parts, RulesDesk desk) {
        List<StoredState> states = parts.pipeline().restore();
        Instant now = parts.clock().instant();
        Instant stoppedAt = Instant.ofEpochMilli(parts.journal().lastReceivedEpochMillis());
        parts.engine().restore(states, stoppedAt, now).forEach(fault -> LOG.error("alert state lost: {}", fault));
        parts.pipeline()
                .neverMatched(() -> parts.engine().snapshot().rules().stream()
                        .flatMap(rule -> rule.neverMatched().stream())
                        .distinct()
                        .toList());
        parts.pipeline().start();
        lifecycle.onStop("notifier", () -> parts.pipeline().stop(STOP_PATIENCE));
        RuleTicker ticker = parts.ticker();
        Loops ticks = Loops.start("tick", () -> ticker.doWork() ? Duration.ZERO : ticker.untilNext());
        lifecycle.onStop("tick", () -> ticks.stop(STOP_PATIENCE));
        PastLoop past = new PastLoop(parts.engine(), parts.telemetry(), parts.marks(), parts.clock());
        Loops reading = Loops.start("rules-past", past::step);
        lifecycle.onStop("rules-past", () -> reading.stop(STOP_PATIENCE));
        if (configuration.flag("rules.watch")) {
            Loops watch = Loops.start("rules-watch", desk::watch);
            lifecycle.onStop("rules-watch", () -> watch.stop(STOP_PATIENCE));
        }
    }

    private void startHeartbeat(Parts parts, Channels channels, String hostId) {
        Heartbeat heartbeat = channels.heartbeat(
                hostId,
                parts.clock(),
                () -> Health.isWorking(parts),
                () -> parts.rules().current().plan().watchdog(),
                parts.pipeline());
        Loops beats = Loops.start("watchdog", heartbeat::step);
        lifecycle.onStop("watchdog", () -> beats.stop(STOP_PATIENCE));
    }

    private void startGpus(Parts parts) {
        parts.gpus().start();
        lifecycle.onStop("gpus", parts.gpus()::stop);
    }

    private void startScrapes(ScrapeDesk scrapes, ServersWatch servers) {
        lifecycle.onStop("scrapes", scrapes::stop);
        try {
            servers.start();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(2, "interrupted while the servers were read for the first time");
        }
        if (servers.hasFiles()) {
            Loops watch = Loops.start("servers-watch", servers::step);
            lifecycle.onStop("servers-watch", () -> watch.stop(STOP_PATIENCE));
        }
    }

    /** A server that left the configuration is missed by nobody; a GPU is missed whoever it served. */
    private boolean isExpected(AlertKey key, ServersWatch servers) {
        Optional<String> server = key.labels().get("server");
        return server.isEmpty()
                || key.labels().get("gpu").isPresent()
                || servers.isConfigured(server.get())
                || configs.proxies().stream().anyMatch(proxy -> proxy.server().equals(server.get()));
    }

    private void startUpkeep(Parts parts, WindowStore windows) {
        JournalRelease release =
                new JournalRelease(parts.journal(), windows, configs.journal().maxBytes());
        Loops releasing = Loops.start("journal-release", release::step);
        lifecycle.onStop("journal-release", () -> releasing.stop(STOP_PATIENCE));
        if (parts.prices().hasFile()) {
            Loops pricing = Loops.start("prices-watch", parts.prices()::step);
            lifecycle.onStop("prices-watch", () -> pricing.stop(STOP_PATIENCE));
        }
        SelfMetrics self = new SelfMetrics(parts, configuration.flag("http.insecure_plaintext"));
        Loops sampling = Loops.start("self-metrics", self::step);
        lifecycle.onStop("self-metrics", () -> sampling.stop(STOP_PATIENCE));
    }
}
