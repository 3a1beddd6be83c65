package io.inferwatch.api.app;

import io.inferwatch.api.backup.BackupDesk;
import io.inferwatch.api.stream.StreamHub;
import io.inferwatch.collector.Collector;
import io.inferwatch.collector.Journal;
import io.inferwatch.collector.push.RequestIntake;
import io.inferwatch.collector.push.SampleIntake;
import io.inferwatch.gpu.GpuProbe;
import io.inferwatch.histograms.ApplyLoop;
import io.inferwatch.histograms.HostedCosts;
import io.inferwatch.histograms.Marks;
import io.inferwatch.histograms.Queries;
import io.inferwatch.histograms.TelemetryStore;
import io.inferwatch.histograms.store.StoreThread;
import io.inferwatch.notifier.NotificationPipeline;
import io.inferwatch.rules.book.RuleBook;
import io.inferwatch.rules.book.RuleTicker;
import io.inferwatch.rules.engine.RuleEngine;
import java.time.InstantSource;
import java.util.Optional;

/** Every front door of a running sidecar, for those who read it: the HTTP controllers and the self-metrics. */
public record Parts(
        InstantSource clock,
        Journal journal,
        Collector collector,
        RequestIntake requests,
        SampleIntake samples,
        TelemetryStore telemetry,
        Queries queries,
        ApplyLoop apply,
        StoreThread storeThread,
        RuleBook rules,
        RuleEngine engine,
        RuleTicker ticker,
        NotificationPipeline pipeline,
        GpuProbe gpus,
        Marks marks,
        MarkDesk markDesk,
        ScrapeDesk scrapes,
        ProxyDesk proxies,
        ProxyGauges proxyGauges,
        Optional<DiscoveryDesk> discovery,
        PricesDesk prices,
        HostedCosts hostedCosts,
        Optional<OtlpDesk> otlp,
        BackupDesk backups,
        StreamHub streams) {}
