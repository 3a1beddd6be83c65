package io.inferwatch.api.config;

import io.inferwatch.api.exposition.EventHistograms;
import io.inferwatch.api.remote.SendConfig;
import io.inferwatch.collector.CollectorConfig;
import io.inferwatch.collector.cost.hosted.Tariff;
import io.inferwatch.collector.identity.IdentityPolicy;
import io.inferwatch.collector.journal.JournalConfig;
import io.inferwatch.gpu.GpuConfig;
import io.inferwatch.histograms.HistogramsConfig;
import io.inferwatch.histograms.Resolution;
import io.inferwatch.histograms.store.StoreConfig;
import io.inferwatch.notifier.NotifierConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The configuration as each module wants it. Each module's record checks its own values; all problems are told at once. */
public record ModuleConfigs(
        JournalConfig journal,
        StoreConfig store,
        HistogramsConfig histograms,
        CollectorConfig collector,
        GpuConfig gpu,
        NotifierConfig notifier,
        ServerList servers,
        Tariff tariff,
        Optional<SendConfig> remoteWrite,
        Optional<SendConfig> otlpExport) {

    /** @throws ConfigException with all that is wrong */
    public static ModuleConfigs of(Configuration configuration) {
        List<String> problems = new ArrayList<>();
        JournalConfig journal = tried(problems, () -> journal(configuration), JournalConfig.DEFAULT);
        StoreConfig store = tried(problems, () -> store(configuration), StoreConfig.DEFAULT);
        HistogramsConfig histograms = tried(problems, () -> histograms(configuration), HistogramsConfig.DEFAULT);
        CollectorConfig collector = tried(problems, () -> collector(configuration), CollectorConfig.DEFAULT);
        ServerList servers = ServerList.read(configuration.node("servers"), problems);
        GpuConfig gpu = tried(problems, () -> gpu(configuration, servers.written()), GpuConfig.defaults());
        NotifierConfig notifier = tried(problems, () -> notifier(configuration), NotifierConfig.DEFAULT);
        Tariff tariff = tried(problems, () -> TariffSetting.read(configuration), TariffSetting.NONE);
        Optional<SendConfig> remoteWrite = tried(problems, () -> remoteWrite(configuration), Optional.empty());
        Optional<SendConfig> otlpExport =
                tried(problems, () -> sending(configuration, "otlp_export", "", Optional.empty()), Optional.empty());
        if (!problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new ModuleConfigs(
                journal, store, histograms, collector, gpu, notifier, servers, tariff, remoteWrite, otlpExport);
    }

    private static <T> T tried(List<String> problems, Supplier<T> made, T otherwise) {
        try {
            return made.get();
        } catch (IllegalArgumentException e) {
            problems.add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    private static JournalConfig journal(Configuration configuration) {
        String ack = configuration.text("journal.ack");
        if (!List.of("process", "strict").contains(ack)) {
            throw new IllegalArgumentException("journal.ack: \"" + ack + "\" is neither process nor strict");
        }
        return new JournalConfig(
                JournalConfig.Ack.valueOf(ack.toUpperCase(Locale.ROOT)),
                configuration.duration("journal.sync_every"),
                configuration.bytes("journal.max_bytes"),
                JournalConfig.DEFAULT.minFreeBytes());
    }

    private static StoreConfig store(Configuration configuration) {
        Map<Resolution, Duration> retention = new EnumMap<>(StoreConfig.DEFAULT.retention());
        configuration.durationMap("store.retention").forEach((name, kept) -> retention.put(resolution(name), kept));
        return new StoreConfig(
                configuration.text("store.url"),
                configuration.text("store.username"),
                configuration.text("store.password_file"),
                configuration.bytes("store.max_bytes"),
                retention);
    }

    private static Resolution resolution(String name) {
        for (Resolution resolution : Resolution.values()) {
            if (StoreConfig.name(resolution).equals(name)) {
                return resolution;
            }
        }
        throw new IllegalArgumentException("store.retention: \"" + name + "\" is none of 10s, 1m, 10m, 1h");
    }

    private static HistogramsConfig histograms(Configuration configuration) {
        return new HistogramsConfig(
                configuration.bytes("histograms.max_bytes"),
                configuration.integer("collector.max_series_per_metric"),
                configuration.integer("collector.max_series"));
    }

    private static CollectorConfig collector(Configuration configuration) {
        String identity = configuration.text("collector.identity");
        if (!List.of("hashed", "clear", "drop").contains(identity)) {
            throw new IllegalArgumentException(
                    "collector.identity: \"" + identity + "\" is none of hashed, clear, drop");
        }
        return new CollectorConfig(
                new CollectorConfig.Labels(
                        configuration.texts("collector.labels.latency"),
                        configuration.texts("collector.labels.traffic"),
                        configuration.texts("collector.labels.cost")),
                IdentityPolicy.valueOf(identity.toUpperCase(Locale.ROOT)),
                configuration.duration("collector.max_lateness"),
                configuration.integer("collector.max_series_per_metric"),
                configuration.integer("collector.max_series"));
    }

    private static GpuConfig gpu(Configuration configuration, List<ServerSetting> servers) {
        GpuConfig gpu = new GpuConfig(
                GpuConfig.Enabled.parse(configuration.text("gpu.enabled")),
                configuration.text("gpu.library"),
                configuration.duration("gpu.interval"),
                configuration.duration("gpu.deadline"),
                expected(configuration),
                new GpuConfig.Slow(
                        configuration.duration("gpu.links_interval"), configuration.duration("gpu.health_interval")));
        return gpu.serving(servers.stream().map(ServerSetting::served).toList());
    }

    private static GpuConfig.Expected expected(Configuration configuration) {
        Optional<String> text = configuration.optionalText("gpu.expected");
        if (text.isEmpty()) {
            return new GpuConfig.Expected.Uuids(configuration.texts("gpu.expected"));
        }
        return text.get().equals("auto")
                ? new GpuConfig.Expected.Auto()
                : new GpuConfig.Expected.Count(Integer.parseInt(text.get()));
    }

    private static Optional<SendConfig> remoteWrite(Configuration configuration) {
        eventHistograms(configuration);
        return sending(
                configuration,
                "remote_write",
                configuration.text("remote_write.username"),
                configuration.optionalPath("remote_write.password_file"));
    }

    /** In which form remote write sends events. */
    public static EventHistograms eventHistograms(Configuration configuration) {
        String histograms = configuration.text("remote_write.histograms");
        if (!List.of("native", "classic").contains(histograms)) {
            throw new IllegalArgumentException(
                    "remote_write.histograms: \"" + histograms + "\" is neither native nor classic");
        }
        return EventHistograms.valueOf(histograms.toUpperCase(Locale.ROOT));
    }

    private static Optional<SendConfig> sending(
            Configuration configuration, String key, String username, Optional<Path> passwordFile) {
        return configuration
                .optionalText(key + ".url")
                .map(url -> new SendConfig(
                        key,
                        SendConfig.address(key, url),
                        configuration.duration(key + ".interval"),
                        configuration.bytes(key + ".max_bytes"),
                        configuration.optionalPath(key + ".token_file"),
                        username,
                        passwordFile));
    }

    private static NotifierConfig notifier(Configuration configuration) {
        return new NotifierConfig(
                configuration.text("notifier.base_url"), configuration.texts("notifier.allowed_hosts"));
    }
}
