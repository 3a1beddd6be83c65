package io.inferwatch.api.app;

import io.inferwatch.collector.LabelSet;
import io.inferwatch.histograms.store.DatabaseWriter;
import io.inferwatch.histograms.store.Schema;
import io.inferwatch.notifier.ChannelTypes;
import io.inferwatch.notifier.DeliveryThreads;
import io.inferwatch.notifier.NotificationPipeline;
import io.inferwatch.notifier.NotifierConfig;
import io.inferwatch.notifier.ToldLog;
import io.inferwatch.notifier.alertmanager.AlertmanagerFactory;
import io.inferwatch.notifier.console.ConsoleFactory;
import io.inferwatch.notifier.outbound.AllowedHosts;
import io.inferwatch.notifier.outbound.Outbound;
import io.inferwatch.notifier.outbox.JdbcOutbox;
import io.inferwatch.notifier.pagerduty.PagerDutyFactory;
import io.inferwatch.notifier.slack.SlackFactory;
import io.inferwatch.notifier.watchdog.Heartbeat;
import io.inferwatch.notifier.webhook.WebhookFactory;
import io.inferwatch.rules.NotificationPlan.Receiver;
import io.inferwatch.rules.NotificationPlan.Watchdog;
import io.inferwatch.rules.load.ReceiverChecker;
import io.inferwatch.rules.yaml.Problems;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** The kinds of receivers there are; a further channel is one line here. */
public final class Channels {
    static final Schema SCHEMA = new Schema("notifier", "db/migration/notifier", 2);
    private static final String TOLD_LOG = "told.log";

    private final Outbound outbound;
    private final ChannelTypes types;
    private final Map<String, String> environment;

    /** @param environment where {@code {env: NAME}} secrets come from */
    public Channels(NotifierConfig config, InstantSource clock, Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        this.outbound = new Outbound(new AllowedHosts(config.allowedHosts()), clock);
        this.types = new ChannelTypes(List.of(
                new PagerDutyFactory(outbound, config.baseUrl(), environment::get),
                new SlackFactory(outbound, config.baseUrl(), environment::get),
                new AlertmanagerFactory(outbound, config.baseUrl(), clock),
                new WebhookFactory(outbound, config.baseUrl(), environment::get),
                new ConsoleFactory(System.out, clock)));
    }

    public ChannelTypes types() {
        return types;
    }

    NotificationPipeline pipeline(
            Path dataDirectory,
            String hostId,
            LabelSet labels,
            DatabaseWriter database,
            InstantSource clock,
            LongSupplier nanos) {
        return new NotificationPipeline(
                hostId,
                labels,
                types,
                new JdbcOutbox(database),
                new ToldLog(dataDirectory.resolve(TOLD_LOG)),
                clock,
                nanos,
                new SplittableRandom(),
                DeliveryThreads.virtual());
    }

    /** For the loader of rules: receivers' own settings and where the watchdog's beats go. */
    ReceiverChecker checker() {
        return new ReceiverChecker() {
            @Override
            public void check(Receiver receiver, Problems problems) {
                types.check(receiver, problems);
            }

            @Override
            public void check(Watchdog watchdog, Problems problems) {
                Heartbeat.check(watchdog, outbound, problems);
            }
        };
    }

    /** @param isWorking whether rules, windows and journal went on lately */
    Heartbeat heartbeat(
            String hostId,
            InstantSource clock,
            BooleanSupplier isWorking,
            Supplier<Optional<Watchdog>> plan,
            NotificationPipeline pipeline) {
        return new Heartbeat(outbound, environment::get, hostId, clock, isWorking, plan, pipeline::beats);
    }

    void close() {
        outbound.close();
    }
}
