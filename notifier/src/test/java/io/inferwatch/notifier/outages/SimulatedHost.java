package io.inferwatch.notifier.outages;

import io.inferwatch.collector.BatchOutcome;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.LabelSet;
import io.inferwatch.collector.MeasurementBatch;
import io.inferwatch.collector.ids.IdHash;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.collector.scrape.Scraper;
import io.inferwatch.histograms.ApplyLoop;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.Mark;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.notifier.testing.Sidecar;
import io.inferwatch.notifier.testing.StrictReceivers;
import io.inferwatch.rules.Alert;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.AlertState;
import io.inferwatch.rules.AlertTransition;
import io.inferwatch.rules.RuleSet;
import io.inferwatch.rules.TickResult;
import io.inferwatch.rules.book.PastReader;
import io.inferwatch.rules.engine.RuleEngine;
import io.inferwatch.rules.load.LoadResult;
import io.inferwatch.rules.load.RuleFile;
import io.inferwatch.rules.load.RuleLoader;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A host with model servers and GPUs, watched by the real parts on a virtual clock: what is measured goes through
 * collector, journal, windows, the built-in rules and the notifier to a strict PagerDuty and a strict Slack. Pages are
 * read every five seconds, GPUs every second, rules judged as often as the pack says.
 */
final class SimulatedHost implements AutoCloseable {
    /**
     * Names the traffic. The same at each build: what is said of random traffic holds for nearly every seed and not for
     * all of them, and a build is not the place to look for the others. {@code -Dtraffic.seed=N} tries one.
     */
    static final long TRAFFIC_SEED = Long.getLong("traffic.seed", 20_260_105);

    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Somebody was told of something new: at PagerDuty a new key, at Slack a new message. */
    record Told(Instant at, String receiver, String what) {
        @Override
        public String toString() {
            return receiver + " " + what + " at " + at;
        }
    }

    final Sidecar sidecar;
    final Collector collector;
    final MeasurementBatch batch;
    final List<Told> told = new ArrayList<>();
    final List<AlertTransition> transitions = new ArrayList<>();
    private final Map<ModelServer, Scraper> servers = new LinkedHashMap<>();
    private final List<SimulatedGpu> gpus = new ArrayList<>();
    private final List<Mark> deploys = new ArrayList<>();
    private final TelemetryStore telemetry;
    private final ApplyLoop apply;
    private final RuleEngine engine;
    private final PastReader past;
    private final RuleSet rules;
    private int createdSeen;
    private int messagesSeen;

    /** With the pack as it is. */
    SimulatedHost(Path folder) {
        this(folder, "");
    }

    /** @param more lines of the rules file beside the pack */
    SimulatedHost(Path folder, String more) {
        sidecar = new Sidecar(folder);
        rules = rules(sidecar, more);
        MemoryJournal journal = new MemoryJournal(sidecar.clock);
        collector = new Collector(
                        CollectorConfig.DEFAULT,
                        journal,
                        LabelSet.of("host", "gpu-host-17"),
                        new IdHash(1, 2),
                        () -> false)
                .recallIds();
        batch = collector.newBatch();
        telemetry = new TelemetryStore(HistogramsConfig.DEFAULT, new NoRows(), sidecar.clock, sidecar.clock::nanos);
        telemetry.retain(rules.queries());
        apply = new ApplyLoop(collector.tail(1), journal, telemetry);
        engine = new RuleEngine(rules, this::isExpected, this::lastDeploy);
        past = new PastReader(engine, telemetry.queries());
        apply.doWork();
    }

    /** The built-in pack; pages go to one receiver, the rest to another. */
    private static RuleSet rules(Sidecar sidecar, String more) {
        String file = """
                version: 1
                include: [builtin]
                receivers:
                  pager: {type: pagerduty, routing_key: %s, api_url: "%s/v2/enqueue"}
                  chat: {type: slack, mode: bot, token: %s, channel: C0123ABCD, api_url: "%s/api/"}
                routes:
                  - {match: {tier: [P0, P1]}, to: [pager]}
                  - {to: [chat]}
                %s
                """.formatted(
                        StrictReceivers.ROUTING_KEY,
                        sidecar.receivers.url(),
                        StrictReceivers.TOKEN,
                        sidecar.receivers.url(),
                        more);
        LoadResult loaded =
                new RuleLoader(Set.of(), sidecar.types()::check).load(List.of(new RuleFile("rules.yml", file)));
        return loaded.rules()
                .orElseThrow(() -> new IllegalStateException(loaded.problems().toString()));
    }

    private boolean isExpected(AlertKey key) {
        Optional<String> server = key.labels().get("server");
        return server.isEmpty()
                || key.labels().get("gpu").isPresent()
                || servers.keySet().stream().anyMatch(each -> each.name.equals(server.get()));
    }

    private Optional<Instant> lastDeploy(LabelSet instance, Instant t) {
        return deploys.stream()
                .filter(mark -> mark.concerns(instance))
                .map(Mark::at)
                .max(Comparator.naturalOrder());
    }

    /** A new version of a server's model is seen in the requests. */
    void deployed(ModelServer server) {
        deploys.add(new Mark(
                now(), Mark.DEPLOY, LabelSet.of("model", server.model, "server", server.name), server.version));
    }

    Instant now() {
        return sidecar.clock.instant();
    }

    /** Takes a server into service discovery. */
    ModelServer discover(ModelServer server) {
        ScrapeTarget target = new ScrapeTarget(
                server.name, URI.create("http://127.0.0.1:8000/metrics"), ScrapeTarget.DEFAULT_INTERVAL);
        Scraper scraper = new Scraper(
                target, server, made -> collector.accept(made) instanceof BatchOutcome.Taken, sidecar.clock);
        servers.put(server, scraper);
        return server;
    }

    /** Service discovery no longer tells of it. */
    void withdraw(ModelServer server) {
        servers.remove(server);
    }

    SimulatedGpu plug(SimulatedGpu gpu) {
        gpus.add(gpu);
        return gpu;
    }

    void run(Duration time) {
        for (long second = time.toSeconds(); second > 0; second--) {
            second();
        }
    }

    void second() {
        sidecar.clock.advance(SECOND);
        Instant now = now();
        batch.clear(now.toEpochMilli(), false);
        servers.keySet().forEach(server -> server.second(batch));
        send();
        gpus.forEach(gpu -> gpu.poll(collector, now));
        // Scrapes lie between ticks, as they do on a host where nothing is aligned.
        if (now.getEpochSecond() % 5 == 3) {
            scrape();
        }
        drain();
        if (now.toEpochMilli() % rules.every().toMillis() == 0) {
            tick(now);
        }
    }

    /** Journals what stands in the batch. */
    void send() {
        if (batch.size() > 0) {
            collector.append(batch);
            batch.clear(now().toEpochMilli(), false);
        }
    }

    private void scrape() {
        try {
            for (Scraper scraper : servers.values()) {
                scraper.step();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void drain() {
        while (apply.doWork() > 0) {
            // More may wait.
        }
        while (telemetry.writeRows()) {
            // More may wait.
        }
    }

    private void tick(Instant now) {
        past.doWork(now);
        TickResult result = engine.tick(now, telemetry.cut(now));
        transitions.addAll(result.transitions());
        sidecar.pipeline.onTick(result);
        sidecar.work();
        look(now);
    }

    private void look(Instant now) {
        StrictReceivers seen = sidecar.receivers;
        for (; createdSeen < seen.created.size(); createdSeen++) {
            told.add(new Told(now, "pager", seen.created.get(createdSeen)));
        }
        if (seen.messages.size() > messagesSeen) {
            seen.messages.values().stream()
                    .skip(messagesSeen)
                    .filter(message -> !message.containsKey("thread_ts"))
                    .forEach(message -> told.add(new Told(now, "chat", String.valueOf(message.get("text")))));
            messagesSeen = seen.messages.size();
        }
    }

    /** What PagerDuty was told of anew. */
    List<Told> pages() {
        return told.stream().filter(each -> each.receiver().equals("pager")).toList();
    }

    List<Told> chat() {
        return told.stream().filter(each -> each.receiver().equals("chat")).toList();
    }

    /** Everything the engine opened or gave another tier, told or not, in order. */
    List<String> opened() {
        return transitions.stream()
                .map(SimulatedHost::opened)
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<String> opened(AlertTransition transition) {
        return switch (transition) {
            case AlertTransition.Opened opened -> Optional.of(text(opened.alert(), opened.at()));
            case AlertTransition.TierChanged changed -> Optional.of(text(changed.alert(), changed.at()));
            case AlertTransition.Closed closed -> Optional.empty();
        };
    }

    private static String text(Alert alert, Instant at) {
        String tier = alert.state() instanceof AlertState.Firing firing
                ? firing.tier().name()
                : "P9";
        return tier + " " + alert.key().rule() + alert.key().labels() + " at " + at;
    }

    @Override
    public void close() {
        apply.close();
        sidecar.close();
    }
}
