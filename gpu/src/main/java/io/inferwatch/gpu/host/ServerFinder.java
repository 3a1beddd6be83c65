package io.inferwatch.gpu.host;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;

/**
 * Which model server a process belongs to. A server is known by the port it listens on; its workers are its descendants or
 * its siblings, or run in its container. Of two servers under one launcher each gets the workers under its own branch;
 * what could be of either is of neither. Any thread.
 */
public final class ServerFinder {
    /** Looking through every open file of the host costs some ms; servers do not move. */
    private static final Duration LISTENERS_KEPT = Duration.ofSeconds(30);

    private static final int MOST_ANCESTORS = 64;
    private static final int FIRST_PROCESS = 1;

    private final ProcFs proc;
    private final LongSupplier nanos;
    private Map<String, Integer> ports = Map.of();
    private Map<String, Set<Integer>> listeners = Map.of();
    private long lookedNanos;
    private boolean hasLooked;

    /** A finder of no server yet. */
    public ServerFinder(ProcFs proc, LongSupplier nanos) {
        this.proc = proc;
        this.nanos = nanos;
    }

    /** @param byServer the port of each server, by its name; they take the place of those before */
    public synchronized void lookFor(Map<String, Integer> byServer) {
        if (!byServer.equals(ports)) {
            ports = Map.copyOf(byServer);
            hasLooked = false;
        }
    }

    /** The server this process works for; empty where that cannot be told. */
    public synchronized Optional<String> serverOf(int pid) {
        if (ports.isEmpty()) {
            return Optional.empty();
        }
        look();
        return byDescent(pid).or(() -> byContainer(pid));
    }

    private void look() {
        long now = nanos.getAsLong();
        if (hasLooked && now - lookedNanos < LISTENERS_KEPT.toNanos()) {
            return;
        }
        Map<Integer, Set<Integer>> byPort = proc.listeners(new HashSet<>(ports.values()));
        Map<String, Set<Integer>> found = new HashMap<>();
        ports.forEach((server, port) -> found.put(server, byPort.getOrDefault(port, Set.of())));
        listeners = found;
        lookedNanos = now;
        hasLooked = true;
    }

    /** The nearest ancestor, the process itself first, that is one of exactly one server's listeners or of their ancestors. */
    private Optional<String> byDescent(int pid) {
        Map<String, Set<Integer>> lines = new HashMap<>();
        listeners.forEach((server, pids) -> {
            Set<Integer> line = new HashSet<>();
            pids.forEach(listener -> line.addAll(ancestors(listener)));
            lines.put(server, line);
        });
        for (int ancestor : ancestors(pid)) {
            List<String> servers = lines.entrySet().stream()
                    .filter(line -> line.getValue().contains(ancestor))
                    .map(Map.Entry::getKey)
                    .toList();
            if (!servers.isEmpty()) {
                return servers.size() == 1 ? Optional.of(servers.getFirst()) : Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Optional<String> byContainer(int pid) {
        Optional<String> container = proc.process(pid).flatMap(HostProcess::container);
        if (container.isEmpty()) {
            return Optional.empty();
        }
        List<String> servers = listeners.entrySet().stream()
                .filter(entry -> entry.getValue().stream()
                        .anyMatch(listener -> proc.process(listener)
                                .flatMap(HostProcess::container)
                                .equals(container)))
                .map(Map.Entry::getKey)
                .toList();
        return servers.size() == 1 ? Optional.of(servers.getFirst()) : Optional.empty();
    }

    /** The process and those above it, nearest first; not the first process, under which everything is. */
    private List<Integer> ancestors(int pid) {
        List<Integer> line = new ArrayList<>();
        int now = pid;
        while (now > FIRST_PROCESS && line.size() < MOST_ANCESTORS) {
            line.add(now);
            now = proc.process(now).map(HostProcess::parentPid).orElse(0);
        }
        return line;
    }
}
