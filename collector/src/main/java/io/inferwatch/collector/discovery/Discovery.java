package io.inferwatch.collector.discovery;

import io.inferwatch.collector.discovery.DiscoveryReport.PassedOver;
import io.inferwatch.collector.scrape.EngineProbe;
import io.inferwatch.gpu.host.HeldPort;
import io.inferwatch.gpu.host.HeldPort.Kinship;
import io.inferwatch.gpu.host.PortSearch;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks, step by step, for model servers behind the processes that hold GPUs. A port is asked once when its process is new, and
 * again seldom: what listens beside an engine may be no HTTP server at all, and is left in peace. A server stays until its
 * process is gone: one that is there and does not answer is down, not gone. Steps are taken by one thread; the report may be read
 * by any.
 */
public final class Discovery {
    private static final Logger LOG = LoggerFactory.getLogger(Discovery.class);
    /** How often processes and their sockets are gone through, which costs some ms, while the same ones hold the GPUs. */
    private static final Duration LOOK_EVERY = Duration.ofSeconds(30);

    private static final Duration ASK_AGAIN_FIRST = Duration.ofMinutes(1);
    private static final Duration ASK_AGAIN_LAST = Duration.ofHours(1);
    /** A step that asks more would see late that a process is gone. */
    private static final int MOST_ASKED_A_STEP = 2;

    private static final int MOST_PORTS = 256;
    private static final int MOST_SERVERS = 64;

    private final PortSearch search;
    private final EngineProbe probe;
    private final LongSupplier nanos;
    private final Map<Integer, FoundServer> servers = new TreeMap<>();
    private final Map<Integer, Asked> asked = new HashMap<>();
    private List<HeldPort> ports = List.of();
    private Set<Integer> holders = Set.of();
    private boolean hasLooked;
    private long lookedNanos;
    private int hidden;
    private volatile DiscoveryReport report = DiscoveryReport.NONE;

    /** What a port of this process said, and when it may be asked again. */
    private record Asked(int owner, long ownerTicks, String reason, Duration pause, long againNanos) {
        boolean isOf(HeldPort port) {
            return owner == port.owner() && ownerTicks == port.ownerTicks();
        }
    }

    public Discovery(PortSearch search, EngineProbe probe, LongSupplier nanos) {
        this.search = search;
        this.probe = probe;
        this.nanos = nanos;
    }

    /** As of the last step. Any thread. */
    public DiscoveryReport report() {
        return report;
    }

    /**
     * One look.
     *
     * @param gpuProcesses the processes that hold GPUs now
     * @param configuredPorts of this host, at which servers are configured, and proxies: these are never asked
     * @return the servers there are now, in the order of their ports
     */
    public List<FoundServer> step(Set<Integer> gpuProcesses, Set<Integer> configuredPorts) throws InterruptedException {
        leave(configuredPorts);
        look(gpuProcesses);
        int left = MOST_ASKED_A_STEP;
        for (HeldPort port : ports) {
            if (left > 0 && mayAsk(port, configuredPorts)) {
                ask(port);
                left--;
            }
        }
        List<FoundServer> now = List.copyOf(servers.values());
        report = new DiscoveryReport(holders.size(), hidden, now, passedOver(configuredPorts));
        return now;
    }

    private void leave(Set<Integer> configuredPorts) {
        servers.values().removeIf(server -> {
            boolean isConfigured = configuredPorts.contains(server.port());
            boolean isGone = !search.isRunning(server.pid(), server.startTicks());
            if (isConfigured) {
                LOG.info("server {} is configured now, and no longer taken as found", server.name());
            } else if (isGone) {
                LOG.info(
                        "server {} has left: its process {} ({}) is gone",
                        server.name(),
                        server.pid(),
                        server.command());
            }
            hasLooked &= !isGone;
            return isConfigured || isGone;
        });
    }

    private void look(Set<Integer> gpuProcesses) {
        long now = nanos.getAsLong();
        if (hasLooked && gpuProcesses.equals(holders) && now - lookedNanos < LOOK_EVERY.toNanos()) {
            return;
        }
        holders = Set.copyOf(gpuProcesses);
        hidden = (int) holders.stream().filter(pid -> !search.isVisible(pid)).count();
        ports = search.ports(holders).stream()
                .sorted(HeldPort.LIKELIEST_FIRST)
                .limit(MOST_PORTS)
                .toList();
        Set<Integer> open = new HashSet<>();
        ports.forEach(port -> open.add(port.port()));
        asked.keySet().retainAll(open);
        lookedNanos = now;
        hasLooked = true;
    }

    private boolean mayAsk(HeldPort port, Set<Integer> configuredPorts) {
        return servers.size() < MOST_SERVERS && whyNot(port, configuredPorts).isEmpty() && isDue(port);
    }

    private boolean isDue(HeldPort port) {
        Asked before = asked.get(port.port());
        return before == null || !before.isOf(port) || nanos.getAsLong() - before.againNanos() >= 0;
    }

    /** Why a port is not asked at all; of one that is a server's this says nothing. */
    private Optional<String> whyNot(HeldPort port, Set<Integer> configuredPorts) {
        if (servers.containsKey(port.port())) {
            return Optional.of("it is found");
        }
        if (configuredPorts.contains(port.port())) {
            return Optional.of("a server or a proxy is configured there");
        }
        if (port.loopback().isEmpty()) {
            return Optional.of("it is not open on the loopback interface; name the server under servers");
        }
        boolean isServed = port.kinships().entrySet().stream()
                .allMatch(holder -> isServed(holder.getKey(), holder.getValue(), port.isEphemeral()));
        return isServed
                ? Optional.of("not asked: what holds the GPU has a nearer server, or one at a port of its own choice")
                : Optional.empty();
    }

    /** Whether a process that holds a GPU has a server already that is likelier its own than one so related would be. */
    private boolean isServed(int holder, Kinship kinship, boolean isEphemeral) {
        return ports.stream().filter(port -> servers.containsKey(port.port())).anyMatch(port -> {
            Kinship known = port.kinships().get(holder);
            return known != null
                    && (known.compareTo(kinship) < 0 || (known == kinship && isEphemeral && !port.isEphemeral()));
        });
    }

    private void ask(HeldPort port) throws InterruptedException {
        URI address = URI.create("http://" + port.loopback().orElseThrow() + ":" + port.port() + "/metrics");
        switch (probe.ask(address)) {
            case EngineProbe.Answer.Known known -> {
                asked.remove(port.port());
                String name = known.engine().displayName() + "-" + port.port();
                servers.put(
                        port.port(),
                        new FoundServer(
                                name, port.port(), known.address(), port.owner(), port.ownerTicks(), port.command()));
                LOG.info(
                        "server {} is found: process {} ({}) answers at {}",
                        name,
                        port.owner(),
                        port.command(),
                        known.address());
            }
            case EngineProbe.Answer.Nothing nothing -> asked.put(port.port(), put(port, nothing.reason()));
        }
    }

    private Asked put(HeldPort port, String reason) {
        Asked before = asked.get(port.port());
        Duration pause = ASK_AGAIN_FIRST;
        if (before != null && before.isOf(port)) {
            Duration twice = before.pause().multipliedBy(2);
            pause = twice.compareTo(ASK_AGAIN_LAST) < 0 ? twice : ASK_AGAIN_LAST;
        }
        return new Asked(port.owner(), port.ownerTicks(), reason, pause, nanos.getAsLong() + pause.toNanos());
    }

    private List<PassedOver> passedOver(Set<Integer> configuredPorts) {
        List<PassedOver> list = new ArrayList<>();
        for (HeldPort port : ports) {
            if (servers.containsKey(port.port())) {
                continue;
            }
            Asked told = asked.get(port.port());
            String reason = told != null && told.isOf(port)
                    ? told.reason()
                    : whyNot(port, configuredPorts).orElse("not asked yet");
            list.add(new PassedOver(port.port(), port.owner(), port.command(), reason));
        }
        return list;
    }
}
