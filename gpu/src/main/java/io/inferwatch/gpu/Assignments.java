package io.inferwatch.gpu;

import io.inferwatch.gpu.host.ProcFs;
import io.inferwatch.gpu.host.ServerFinder;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * Which server uses which GPU. A listed GPU is its server's always; another is the server's whose processes hold most of
 * its memory, and stays so while it is lost and for ten minutes after its processes are gone: a GPU that breaks is the
 * server's it broke under. Any thread.
 */
final class Assignments {
    static final Duration KEPT = Duration.ofMinutes(10);

    private final List<ServedGpus> servers;
    private final ServerFinder finder;
    private final Map<String, Assigned> byUuid = new HashMap<>();

    private record Assigned(String server, Instant at) {}

    Assignments(List<ServedGpus> servers, ServerFinder finder) {
        this.servers = servers;
        this.finder = finder;
    }

    static Assignments of(GpuConfig config, LongSupplier nanos, ProcFs proc) {
        Map<String, Integer> ports = new HashMap<>();
        for (ServedGpus server : config.servers()) {
            if (server.gpus() instanceof ServedGpus.Gpus.Auto && server.port().isPresent()) {
                ports.put(server.name(), server.port().getAsInt());
            }
        }
        return new Assignments(config.servers(), new ServerFinder(proc, ports, nanos));
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
