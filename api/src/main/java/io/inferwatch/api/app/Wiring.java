package io.inferwatch.api.app;

import io.inferwatch.api.access.Tokens;
import io.inferwatch.api.backup.BackupDesk;
import io.inferwatch.api.config.Configuration;
import io.inferwatch.api.config.ModuleConfigs;
import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.api.stream.StreamHub;
import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.identity.IdentityHash;
import io.inferwatch.collector.identity.IdentityKey;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.journal.ChronicleJournal;
import io.inferwatch.collector.journal.DataDirectoryLock;
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
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.book.Backtest;
import io.inferwatch.rules.book.RuleArchive;
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
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes every part and joins them: the one place that knows them all and gives each its clock. {@link Threads} starts
 * them. Each start step pushes its own stop step.
 */
final class Wiring {
    private static final Logger LOG = LoggerFactory.getLogger(Wiring.class);

    private final Configuration configuration;
    private final ModuleConfigs configs;
    private final Sidecar.Options options;
    private final Lifecycle lifecycle;
    private final Threads threads;
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
        this.threads = new Threads(configuration, configs, lifecycle, nanos);
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
        BackupDesk backups = new BackupDesk(
                data.path(),
                Joined.get(database),
                journal,
                () -> setup.book().running().files(),
                wallClock);
        backups.clear();
        lifecycle.onStop("outbound", setup.channels()::close);
        Marks marks = new Marks(store.marks(), clock);
        Backtest backtest = new Backtest(store.telemetry().queries(), ExpectedInstances.ALL, marks::lastDeploy, nanos);
        RuleArchive ran = new RuleArchive(data.path().resolve("rules-versions"));
        RulesDesk desk = new RulesDesk(
                setup, ran, backtest, configuration.duration("rules.replay"), store.telemetry(), marks, clock);
        desk.recall();
        desk.retain();
        ApplyLoop apply = openApply(collector, journal, store.telemetry());
        overload.watch(apply);
        threads.store(store.thread());
        NotificationPipeline pipeline =
                setup.channels().pipeline(data.path(), hostId, own, store.thread(), clock, nanos);
        ScrapeDesk scrapes = new ScrapeDesk(made -> collector.accept(made) instanceof BatchOutcome.Taken, clock);
        GpuProbe gpus = newProbe(data, collector, clock);
        IdentityKey key = IdentityKey.loadOrCreate(data.path());
        ProxyGauges gauges = new ProxyGauges(made -> collector.accept(made) instanceof BatchOutcome.Taken, clock);
        ProxyDesk proxies = new ProxyDesk(
                ProxyDesk.Manner.SIDECAR,
                made -> collector.accept(made) instanceof BatchOutcome.Taken,
                new IdentityHash(configs.collector().identity(), key),
                gauges::tell,
                clock);
        ServersWatch servers = new ServersWatch(
                configs.servers(), (all, problems) -> serversAre(all, scrapes, gpus, proxies, problems));
        Optional<DiscoveryDesk> discovery = configuration.flag("discover")
                ? Optional.of(new DiscoveryDesk(configs.gpu().procRoot(), gpus::fleet, servers, nanos))
                : Optional.empty();
        RuleEngine engine =
                new RuleEngine(setup.book().current(), alert -> isExpected(alert, servers, gpus), marks::lastDeploy);
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
                new MarkDesk(marks, store.telemetry(), setup.book(), pipeline, gpus, clock),
                scrapes,
                proxies,
                gauges,
                discovery,
                prices,
                new HostedCosts(store.telemetry().queries(), configs.tariff(), clock),
                configuration.flag("otlp.enabled") ? Optional.of(new OtlpDesk(collector, key)) : Optional.empty(),
                backups,
                new StreamHub(nanos));
        lifecycle.onStop("streams", parts.streams()::close);
        threads.replay(parts, journal);
        Joined.get(recalled);
        Joined.get(priced);
        threads.alerting(parts, desk);
        threads.heartbeat(parts, setup.channels(), hostId);
        threads.gpus(parts);
        proxies.open(ServerList.proxies(configs.servers().written(), false), servers.hasFiles(), lifecycle, nanos);
        threads.scrapes(scrapes, servers);
        discovery.ifPresent(search -> search.start(lifecycle));
        threads.senders(parts, hostId);
        threads.upkeep(parts, store.windows());
        return new Running(parts, desk);
    }

    private static void serversAre(
            List<ServerSetting> all, ScrapeDesk scrapes, GpuProbe gpus, ProxyDesk proxies, List<String> problems)
            throws InterruptedException {
        try {
            gpus.serve(all.stream().map(ServerSetting::served).toList());
        } catch (IllegalArgumentException wrong) {
            problems.add(wrong.getMessage() + "; the GPUs stay with the servers they had");
        }
        scrapes.read(all.stream().flatMap(server -> server.scrape().stream()).toList());
        proxies.keep(ServerList.proxies(all, false));
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

    /**
     * A server that left the configuration or discovery is missed by nobody; a GPU is, whoever it served, until it is accepted
     * to be gone.
     */
    private static boolean isExpected(AlertKey key, ServersWatch servers, GpuProbe gpus) {
        Optional<String> uuid = key.labels().get("uuid");
        if (uuid.isPresent() && key.labels().get("gpu").isPresent()) {
            return gpus.knows(uuid.get());
        }
        Optional<String> server = key.labels().get("server");
        return server.isEmpty() || key.labels().get("gpu").isPresent() || servers.isKnown(server.get());
    }
}
