package io.inferwatch.api.app;

import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.config.ServerSetting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is read and relayed, and whose a GPU is, in step with the files that list servers. What is wrong in a file is said,
 * the rest is taken.
 */
final class ServersWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ServersWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** Gets which servers there are, of the configuration and of the files, at the start and whenever that changes. */
    @FunctionalInterface
    interface Listener {
        /** @param problems gets what cannot be done */
        void serversAre(List<ServerSetting> all, List<String> problems) throws InterruptedException;
    }

    private final ServerList settings;
    private final Listener listener;
    private String fingerprint = "";
    private volatile Set<String> servers = Set.of();

    ServersWatch(ServerList settings, Listener listener) {
        this.settings = settings;
        this.listener = listener;
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
        servers = all.stream()
                .filter(server -> server.scrape().isPresent() || server.proxy().isPresent())
                .map(ServerSetting::name)
                .collect(Collectors.toUnmodifiableSet());
        listener.serversAre(all, problems);
        problems.forEach(problem -> LOG.warn("{}", problem));
        if (!servers.isEmpty()) {
            LOG.info("servers that are scraped or relayed: {}", servers);
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
