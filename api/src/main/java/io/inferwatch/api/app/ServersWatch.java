package io.inferwatch.api.app;

import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.collector.scrape.ScrapeTarget;
import io.inferwatch.gpu.GpuProbe;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is read, and whose a GPU is, in step with the files that list servers. What is wrong in a file is said, the rest
 * is read.
 */
final class ServersWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ServersWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final ServerList settings;
    private final ScrapeDesk desk;
    private final GpuProbe gpus;
    private String fingerprint = "";
    private volatile Set<String> servers = Set.of();

    ServersWatch(ServerList settings, ScrapeDesk desk, GpuProbe gpus) {
        this.settings = settings;
        this.desk = desk;
        this.gpus = gpus;
    }

    /** Before the first look at the files: all that is configured is read from now on. */
    void start() throws InterruptedException {
        fingerprint = settings.fingerprint();
        read();
    }

    /** One look at the files. */
    Duration step() throws InterruptedException {
        String now = settings.fingerprint();
        if (!now.equals(fingerprint)) {
            fingerprint = now;
            read();
        }
        return EVERY;
    }

    private void read() throws InterruptedException {
        List<String> problems = new ArrayList<>();
        List<ServerSetting> all = settings.now(problems);
        List<ScrapeTarget> targets =
                all.stream().flatMap(server -> server.scrape().stream()).toList();
        servers = targets.stream().map(ScrapeTarget::server).collect(Collectors.toUnmodifiableSet());
        try {
            gpus.serve(all.stream().map(ServerSetting::served).toList());
        } catch (IllegalArgumentException wrong) {
            problems.add(wrong.getMessage() + "; the GPUs stay with the servers they had");
        }
        problems.forEach(problem -> LOG.warn("{}", problem));
        desk.read(targets);
        if (!servers.isEmpty()) {
            LOG.info("servers that are scraped: {}", servers);
        }
    }

    boolean hasFiles() {
        return !settings.files().isEmpty();
    }

    /** Whether this server is configured now. Any thread. */
    boolean isConfigured(String server) {
        return servers.contains(server);
    }
}
