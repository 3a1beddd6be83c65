package io.inferwatch.collector.discovery;

import java.util.List;

/**
 * What was looked at, for people who miss a server.
 *
 * @param gpuProcesses how many processes hold GPUs
 * @param hiddenProcesses how many of these cannot be seen from here, or their sockets cannot: those of another PID namespace, or of
 *     another user
 * @param servers found now
 * @param ports that were considered and are no server's page, with the reason
 */
public record DiscoveryReport(
        int gpuProcesses, int hiddenProcesses, List<FoundServer> servers, List<PassedOver> ports) {
    /** Before the first look. */
    public static final DiscoveryReport NONE = new DiscoveryReport(0, 0, List.of(), List.of());

    public DiscoveryReport {
        servers = List.copyOf(servers);
        ports = List.copyOf(ports);
    }

    /**
     * A port of a process that has to do with a GPU.
     *
     * @param command the name of the process that listens
     */
    public record PassedOver(int port, int pid, String command, String reason) {}
}
