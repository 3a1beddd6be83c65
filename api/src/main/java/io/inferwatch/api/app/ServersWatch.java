package io.inferwatch.api.app;

import io.inferwatch.api.config.ScrapeSettings;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.collector.scrape.ScrapeTarget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what is read and relayed in step with the files that list servers. What is wrong in a file is said, the rest is taken. */
final class ServersWatch {
    private static final Logger LOG = LoggerFactory.getLogger(ServersWatch.class);
    private static final Duration EVERY = Duration.ofSeconds(1);

    /** Gets which servers there are, at the start and whenever that changes. */
    @FunctionalInterface
    interface Listener {
        /**
         * @param scraped those whose page is read, of the configuration and of the files
         * @param filed all that the files list
         */
        void serversAre(List<ScrapeTarget> scraped, List<ServerSetting> filed) throws InterruptedException;
    }

    private final ScrapeSettings settings;
    private final Listener listener;
    private String fingerprint = "";
    private volatile Set<String> servers = Set.of();

    ServersWatch(ScrapeSettings settings, Listener listener) {
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
        List<ScrapeTarget> targets = settings.now(problems);
        List<ServerSetting> filed = settings.filed(problems);
        problems.forEach(problem -> LOG.warn("{}", problem));
        servers = Stream.concat(
                        targets.stream().map(ScrapeTarget::server),
                        filed.stream().filter(each -> each.proxy().isPresent()).map(ServerSetting::name))
                .collect(Collectors.toUnmodifiableSet());
        listener.serversAre(targets, filed);
        if (!servers.isEmpty()) {
            LOG.info("servers that are scraped, or relayed by a file: {}", servers);
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
