package io.inferwatch.gpu;

import io.inferwatch.gpu.host.ServerFinder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Which server uses which GPU. A listed GPU is its server's always; another is the server's whose processes hold most of
 * its memory, and stays so while it is lost and for ten minutes after its processes are gone: a GPU that breaks is the
 * server's it broke under. Any thread.
 */
final class Assignments {
    static final Duration KEPT = Duration.ofMinutes(10);

    private final ServerFinder finder;
    private List<ServedGpus> servers = List.of();
    private final Map<String, Assigned> byUuid = new HashMap<>();

    private record Assigned(String server, Instant at) {}

    Assignments(List<ServedGpus> servers, ServerFinder finder) {
        this.finder = finder;
        serve(servers);
    }

    /**
     * From now on these are the servers. A GPU of a server that is gone is nobody's.
     *
     * @throws IllegalArgumentException as {@link ServedGpus#checked}; all stays as it was
     */
    synchronized void serve(List<ServedGpus> now) {
        servers = ServedGpus.checked(now);
        Map<String, Integer> ports = new HashMap<>();
        for (ServedGpus server : servers) {
            if (server.gpus() instanceof ServedGpus.Gpus.Auto && server.port().isPresent()) {
                ports.put(server.name(), server.port().getAsInt());
            }
        }
        finder.lookFor(ports);
        byUuid.values().removeIf(assigned -> !ports.containsKey(assigned.server()));
    }

    synchronized Optional<String> serverOf(GpuIdentity gpu, Instant now, boolean answers) {
        Optional<String> listed = servers.stream()
                .filter(server -> server.gpus() instanceof ServedGpus.Gpus.Listed list && list.has(gpu))
                .map(ServedGpus::name)
                .findFirst();
        if (listed.isPresent()) {
            return listed;
        }
        Assigned assigned = byUuid.get(gpu.uuid());
        if (assigned == null) {
            return Optional.empty();
        }
        if (answers && assigned.at().plus(KEPT).isBefore(now)) {
            byUuid.remove(gpu.uuid());
            return Optional.empty();
        }
        return Optional.of(assigned.server());
    }

    /** Takes down who holds this GPU now. */
    synchronized void note(GpuIdentity gpu, Instant now, List<GpuProcess> processes) {
        Map<String, Long> bytes = new TreeMap<>();
        for (GpuProcess process : processes) {
            finder.serverOf(process.pid())
                    .ifPresent(server ->
                            bytes.merge(server, 1 + process.usedBytes().orElse(0), Long::sum));
        }
        bytes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .ifPresent(most -> byUuid.put(gpu.uuid(), new Assigned(most.getKey(), now)));
    }
}
