package io.inferwatch.notifier.testing;

import static io.inferwatch.notifier.testing.StrictReceivers.ROUTING_KEY;
import static io.inferwatch.notifier.testing.StrictReceivers.TOKEN;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.notifier.ChannelTypes;
import io.inferwatch.notifier.DeliveryThreads;
import io.inferwatch.notifier.NotificationPipeline;
import io.inferwatch.notifier.ToldLog;
import io.inferwatch.notifier.alertmanager.AlertmanagerFactory;
import io.inferwatch.notifier.channel.Channel;
import io.inferwatch.notifier.console.ConsoleFactory;
import io.inferwatch.notifier.outbound.AllowedHosts;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.notifier.outbox.JdbcOutbox;
import io.inferwatch.notifier.pagerduty.PagerDutyFactory;
import io.inferwatch.notifier.slack.SlackFactory;
import io.inferwatch.notifier.webhook.WebhookFactory;
import io.inferwatch.rules.AlertKey;
import io.inferwatch.rules.NotificationPlan;
import io.inferwatch.rules.NotificationPlan.Escalation;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Route;
import io.inferwatch.rules.StoredState;
import io.inferwatch.rules.Tier;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** A process that can be killed and started again on the same data; calls to receivers run on the test's thread. */
public final class Sidecar implements AutoCloseable {
    /** Real time, the only one here: no test waits for it, and a starved machine must not make a fault of it. */
    private static final Duration CALL_LIMIT = Duration.ofSeconds(60);

    public final ManualClock clock = new ManualClock();
    public final StrictReceivers receivers = new StrictReceivers(clock::instant);
    public final ByteArrayOutputStream console = new ByteArrayOutputStream();
    public final Map<String, String> environment = new HashMap<>();
    public final Engine engine = new Engine();
    public final Map<AlertKey, Tier> firing = new LinkedHashMap<>();
    public TestDatabase database = TestDatabase.h2();
    public NotificationPlan plan = new NotificationPlan(List.of(), Map.of());
    public NotificationPipeline pipeline;

    /** What the newest process got back for its engine. */
    public List<StoredState> restored = List.of();

    /** Wraps each channel; a test puts its faults there. */
    public UnaryOperator<Channel> wrap = UnaryOperator.identity();

    /** Where calls run; a test may let one hang. */
    public DeliveryThreads threads = (receiver, call) -> call.run();

    /** Finds addresses; a test may let it fail. */
    public volatile Outbound.Resolver resolver = InetAddress::getAllByName;

    public final Outbound outbound;
    private final Path toldLog;

    public Sidecar(Path folder) {
        this(folder, List.of());
    }

    /** @param reachable further origins it may call */
    public Sidecar(Path folder, List<String> reachable) {
        toldLog = folder.resolve("told.log");
        outbound = new Outbound(
                new AllowedHosts(Stream.concat(Stream.of(receivers.url(), "hooks.slack.com"), reachable.stream())
                        .toList()),
                host -> resolver.resolve(host),
                clock,
                CALL_LIMIT);
        pipeline = newPipeline();
        engine.restore(pipeline.restore());
    }

    public ChannelTypes types() {
        UnaryOperator<String> env = environment::get;
        return new ChannelTypes(List.of(
                wrapped(new PagerDutyFactory(outbound, "http://127.0.0.1:9477", env)),
                wrapped(new SlackFactory(outbound, "http://127.0.0.1:9477", env)),
                wrapped(new AlertmanagerFactory(outbound, "", clock)),
                wrapped(new WebhookFactory(outbound, "", env)),
                wrapped(new ConsoleFactory(new PrintStream(console, true, StandardCharsets.UTF_8), clock))));
    }

    private Channel.Factory wrapped(Channel.Factory factory) {
        return new Channel.Factory() {
            @Override
            public String type() {
                return factory.type();
            }

            @Override
            public void check(Receiver receiver, io.inferwatch.rules.yaml.Problems problems) {
                factory.check(receiver, problems);
            }

            @Override
            public Channel create(Receiver receiver) {
                return wrap.apply(factory.create(receiver));
            }

            @Override
            public boolean wakesByNewKey() {
                return factory.wakesByNewKey();
            }

            @Override
            public boolean groupsItself() {
                return factory.groupsItself();
            }
        };
    }

    private NotificationPipeline newPipeline() {
        return new NotificationPipeline(
                "gpu-host-17",
                LabelSet.of("cluster", "eu-1"),
                types(),
                new JdbcOutbox(database),
                new ToldLog(toldLog),
                clock,
                clock::nanos,
                new SplittableRandom(42),
                (receiver, call) -> threads.run(receiver, call));
    }

    /** The process is gone; another starts on what it left. */
    public void restart() {
        pipeline = newPipeline();
        restored = pipeline.restore();
        engine.restore(restored);
    }

    public void tick() {
        pipeline.onTick(engine.tick(clock.instant(), plan, firing));
        work();
    }

    public void work() {
        for (int step = 0; pipeline.doWork(); step++) {
            if (step > 10_000) {
                throw new IllegalStateException("the pipeline does not come to rest");
            }
        }
    }

    /** Ticks each second for that long. */
    public void run(Duration time) {
        for (long second = 0; second < time.toSeconds(); second++) {
            clock.advance(Duration.ofSeconds(1));
            tick();
        }
    }

    public Receiver pagerDuty(String name, Map<String, Object> more) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("routing_key", ROUTING_KEY);
        settings.put("api_url", receivers.url() + "/v2/enqueue");
        settings.putAll(more);
        return Yaml.receiver(name, "pagerduty", settings);
    }

    public Receiver slack(String name, Map<String, Object> more) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("mode", "bot");
        settings.put("token", TOKEN);
        settings.put("channel", "C0123ABCD");
        settings.put("api_url", receivers.url() + "/api/");
        settings.putAll(more);
        return Yaml.receiver(name, "slack", settings);
    }

    public Receiver hook(String name) {
        return Yaml.receiver(name, "slack", Map.of("mode", "webhook", "url", receivers.url() + "/hook/" + name));
    }

    public Receiver webhook(String name) {
        return Yaml.receiver(name, "webhook", Map.of("url", receivers.url() + "/hook/" + name));
    }

    /** The route that takes all tiers, with more about it. */
    public static Route route(List<String> to, List<String> mute, List<Escalation> escalations) {
        Route plain = route(to);
        return new Route(
                plain.tiers(),
                plain.rules(),
                plain.labels(),
                to,
                false,
                plain.groupBy(),
                plain.groupWait(),
                plain.groupInterval(),
                plain.repeat(),
                mute,
                escalations);
    }

    /** The id the engine gave to what fires under this key. */
    public String alertId(AlertKey key) {
        return engine.id(key);
    }

    /** All tiers to these receivers, grouped by instance, told at once. */
    public void routeAllTo(Receiver... all) {
        List<String> names = new ArrayList<>();
        Map<String, Receiver> byName = new LinkedHashMap<>();
        for (Receiver receiver : all) {
            names.add(receiver.name());
            byName.put(receiver.name(), receiver);
        }
        plan = new NotificationPlan(List.of(route(names)), byName);
    }

    public static Route route(List<String> to, Tier... tiers) {
        return new Route(
                Set.of(tiers),
                Optional.empty(),
                List.of(),
                to,
                false,
                Optional.empty(),
                Duration.ZERO,
                Duration.ofSeconds(1),
                Optional.empty());
    }

    @Override
    public void close() {
        outbound.close();
        receivers.close();
        database.close();
    }
}
