package io.inferwatch.gpu.host;

import io.inferwatch.gpu.host.HeldPort.Kinship;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds the ports at which the model server behind a GPU's process may be asked. The process that holds a GPU is often a
 * worker that listens nowhere: the server is above it, below it, beside it under one launcher, or in its container. Only ports
 * of this process's own network are seen, and only sockets of processes it may look into. Any thread.
 */
public final class PortSearch {
    private static final int FIRST_PROCESS = 1;
    private static final int MOST_ANCESTORS = 64;
    /** Launcher, engine, worker: further up is a shell or a session, under which anything may run. */
    private static final int LAUNCHER_AT_MOST_ABOVE = 2;

    private final ProcFs proc;

    public PortSearch(ProcFs proc) {
        this.proc = proc;
    }

    /** Whether this process is still the one that began then. */
    public boolean isRunning(int pid, long startTicks) {
        OptionalLong began = proc.startTicks(pid);
        return began.isPresent() && began.getAsLong() == startTicks;
    }

    /**
     * Whether this process can be seen from here, and its sockets: from a container of its own, processes of the host cannot;
     * the sockets of another user's process only root sees.
     */
    public boolean isVisible(int pid) {
        return proc.showsSockets(pid) && proc.process(pid).isPresent();
    }

    /** @param holders the processes that use GPUs */
    public List<HeldPort> ports(Set<Integer> holders) {
        Map<Integer, Integer> parents = proc.parents();
        Map<Integer, Optional<String>> containers = new HashMap<>();
        Map<Integer, Map<Integer, Kinship>> relatives = new HashMap<>();
        for (int holder : holders) {
            if (parents.containsKey(holder)) {
                relate(holder, parents, containers, relatives);
            }
        }
        int[] ephemeral = proc.ephemeralPorts();
        Map<Integer, HeldPort> byPort = new TreeMap<>();
        proc.sockets(relatives.keySet()).forEach((pid, sockets) -> {
            for (ListeningSocket socket : sockets) {
                port(pid, socket, relatives.getOrDefault(pid, Map.of()), ephemeral)
                        .ifPresent(found -> byPort.merge(found.port(), found, PortSearch::joined));
            }
        });
        return new ArrayList<>(byPort.values());
    }

    private Optional<HeldPort> port(int pid, ListeningSocket socket, Map<Integer, Kinship> kinships, int[] ephemeral) {
        Optional<HostProcess> process = proc.process(pid);
        OptionalLong began = proc.startTicks(pid);
        if (process.isEmpty() || began.isEmpty()) {
            return Optional.empty();
        }
        boolean isEphemeral = socket.port() >= ephemeral[0] && socket.port() <= ephemeral[1];
        return Optional.of(new HeldPort(
                socket.port(),
                socket.loopback(),
                pid,
                began.getAsLong(),
                process.get().command(),
                isEphemeral,
                kinships));
    }

    /** One port, held by several processes or open at several addresses. */
    private static HeldPort joined(HeldPort one, HeldPort other) {
        HeldPort first = one.owner() <= other.owner() ? one : other;
        Map<Integer, Kinship> kinships = new HashMap<>(one.kinships());
        other.kinships().forEach((holder, kinship) -> kinships.merge(holder, kinship, PortSearch::nearer));
        Optional<String> address =
                one.loopback().filter(host -> !host.startsWith("[")).isPresent()
                        ? one.loopback()
                        : other.loopback().or(one::loopback);
        return new HeldPort(
                first.port(),
                address,
                first.owner(),
                first.ownerTicks(),
                first.command(),
                first.isEphemeral(),
                kinships);
    }

    private static Kinship nearer(Kinship one, Kinship other) {
        return one.compareTo(other) <= 0 ? one : other;
    }

    private void relate(
            int holder,
            Map<Integer, Integer> parents,
            Map<Integer, Optional<String>> containers,
            Map<Integer, Map<Integer, Kinship>> relatives) {
        List<Integer> line = ancestors(holder, parents);
        Set<Integer> launchers = new HashSet<>(
                line.subList(Math.min(1, line.size()), Math.min(1 + LAUNCHER_AT_MOST_ABOVE, line.size())));
        Optional<String> container = containers.computeIfAbsent(holder, this::container);
        for (int pid : parents.keySet()) {
            List<Integer> above = ancestors(pid, parents);
            Optional<Kinship> kinship = Optional.empty();
            if (line.contains(pid) || above.contains(holder)) {
                kinship = Optional.of(Kinship.LINE);
            } else if (above.stream().anyMatch(launchers::contains)) {
                kinship = Optional.of(Kinship.SIBLING);
            } else if (container.isPresent()
                    && containers.computeIfAbsent(pid, this::container).equals(container)) {
                kinship = Optional.of(Kinship.CONTAINER);
            }
            kinship.ifPresent(how ->
                    relatives.computeIfAbsent(pid, made -> new HashMap<>()).put(holder, how));
        }
    }

    private Optional<String> container(int pid) {
        return proc.process(pid).flatMap(HostProcess::container);
    }

    /** The process and those above it, nearest first; not the first process, under which everything is. */
    private static List<Integer> ancestors(int pid, Map<Integer, Integer> parents) {
        List<Integer> line = new ArrayList<>();
        int now = pid;
        while (now > FIRST_PROCESS && line.size() < MOST_ANCESTORS) {
            line.add(now);
            now = parents.getOrDefault(now, 0);
        }
        return line;
    }
}
