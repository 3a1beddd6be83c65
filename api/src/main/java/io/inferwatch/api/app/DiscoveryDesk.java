package io.inferwatch.api.app;

import io.inferwatch.collector.discovery.Discovery;
import io.inferwatch.collector.discovery.DiscoveryReport;
import io.inferwatch.collector.scrape.EngineProbe;
import io.inferwatch.collector.scrape.HttpPages;
import io.inferwatch.gpu.GpuFleet;
import io.inferwatch.gpu.GpuProcess;
import io.inferwatch.gpu.NvmlProcesses.ProcessKind;
import io.inferwatch.gpu.Reading;
import io.inferwatch.gpu.host.PortSearch;
import io.inferwatch.gpu.host.ProcFs;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Joins the search for model servers to the GPUs that say who holds them, and to those who read servers. */
public final class DiscoveryDesk {
    private static final Duration EVERY = Duration.ofSeconds(2);
    /** A server on this machine that takes longer for its page has other troubles. */
    private static final Duration ASKING = Duration.ofSeconds(1);

    private static final Duration STOP_PATIENCE = Duration.ofMillis(50);

    private final HttpPages pages = new HttpPages();
    private final Discovery discovery;
    private final Supplier<GpuFleet> fleet;
    private final ServersWatch servers;

    DiscoveryDesk(Path procRoot, Supplier<GpuFleet> fleet, ServersWatch servers, LongSupplier nanos) {
        this.discovery =
                new Discovery(new PortSearch(new ProcFs(procRoot)), new EngineProbe(pages.within(ASKING)), nanos);
        this.fleet = fleet;
        this.servers = servers;
    }

    void start(Lifecycle lifecycle) {
        Loops loop = Loops.start("discover", this::step);
        lifecycle.onStop("discover", () -> {
            loop.stop(STOP_PATIENCE);
            pages.close();
        });
    }

    private Duration step() throws InterruptedException {
        servers.found(discovery.step(holders(fleet.get()), servers.configuredPorts()));
        return EVERY;
    }

    /** What draws on a screen is no model server. */
    private static Set<Integer> holders(GpuFleet fleet) {
        Set<Integer> pids = new HashSet<>();
        for (GpuFleet.Gpu gpu : fleet.gpus()) {
            if (gpu.occupancy().processes() instanceof Reading.Value<List<GpuProcess>>(List<GpuProcess> processes)) {
                processes.stream()
                        .filter(process -> process.kind() != ProcessKind.GRAPHICS)
                        .forEach(process -> pids.add(process.pid()));
            }
        }
        return pids;
    }

    /** As of the last look. Any thread. */
    public DiscoveryReport report() {
        return discovery.report();
    }

    /** Whether a server of this name was found and not configured. Any thread. */
    public boolean hasFound(String server) {
        return servers.discovered().contains(server);
    }
}
