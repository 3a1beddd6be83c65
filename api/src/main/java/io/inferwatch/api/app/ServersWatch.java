package io.inferwatch.api.app;

import io.inferwatch.api.config.ScrapeSettings;
import io.inferwatch.collector.scrape.ScrapeTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is read in step with the files that list servers. What is wrong in a file is said, the rest is read. */
final class ServersWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ServersWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    private final ScrapeSettings settings;
    private final ScrapeDesk desk;
    private String fingerprint = "";
    private volatile Set<String> servers = Set.of();

    ServersWatch(ScrapeSettings settings, ScrapeDesk desk) {
        this.settings = settings;
        this.desk = desk;
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
        List<ScrapeTarget> targets = settings.now(problems);
        problems.forEach(problem -> LOG.warn("{}", problem));
        servers = targets.stream().map(ScrapeTarget::server).collect(Collectors.toUnmodifiableSet());
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
