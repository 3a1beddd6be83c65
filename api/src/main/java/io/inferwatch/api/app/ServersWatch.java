package io.inferwatch.api.app;

import io.inferwatch.api.config.ServerList;
import io.inferwatch.api.config.ServerSetting;
import io.inferwatch.collector.discovery.FoundServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is read and relayed, and whose a GPU is, in step with the files that list servers and with those that are found.
 * What is wrong in a file is said, the rest is taken. Any thread.
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
    private List<FoundServer> found = List.of();
    private volatile Set<String> servers = Set.of();
    private volatile Set<String> discovered = Set.of();
    private volatile Set<Integer> ports = Set.of();

    ServersWatch(ServerList settings, Listener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /** Before the first look at the files: all that is configured is read from now on. */
    synchronized void start() throws InterruptedException {
        fingerprint = settings.fingerprint();
        read();
    }

    /** One look at the files. */
    synchronized Duration step() throws InterruptedException {
        String now = settings.fingerprint();
        if (!now.equals(fingerprint)) {
            fingerprint = now;
            read();
        }
        return EVERY;
    }

    /** These servers are there too, besides those that are configured. */
    synchronized void found(List<FoundServer> now) throws InterruptedException {
        if (!now.equals(found)) {
            found = List.copyOf(now);
            read();
        }
    }

    private void read() throws InterruptedException {
        List<String> problems = new ArrayList<>();
        List<ServerSetting> all = new ArrayList<>(settings.now(problems));
        ports = all.stream().flatMap(server -> server.ports().stream()).collect(Collectors.toUnmodifiableSet());
        discovered = addFound(all);
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

    /** A name that is configured is nobody else's. */
    private Set<String> addFound(List<ServerSetting> all) {
        Set<String> names = all.stream().map(ServerSetting::name).collect(Collectors.toSet());
        Set<String> added = new HashSet<>();
        for (FoundServer server : found) {
            String name = names.contains(server.name()) ? server.name() + "-found" : server.name();
            if (!ports.contains(server.port()) && names.add(name)) {
                all.add(ServerSetting.found(name, server.address()));
                added.add(name);
            }
        }
        return Set.copyOf(added);
    }

    /** The ports of this host at which servers are configured, and their proxies. Any thread. */
    Set<Integer> configuredPorts() {
        return ports;
    }

    /** The names of the servers that were found. Any thread. */
    Set<String> discovered() {
        return discovered;
    }

    boolean hasFiles() {
        return !settings.files().isEmpty();
    }

    /** Whether this server is configured or found now. Any thread. */
    boolean isKnown(String server) {
        return servers.contains(server);
    }
}
