package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlProcesses.ProcessKind;
import io.inferwatch.gpu.NvmlProcesses.ProcessShare;
import io.inferwatch.gpu.NvmlProcesses.ProcessUse;
import io.inferwatch.gpu.host.ProcFs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Asks one GPU who uses it and how it is divided, every ten seconds: the call for graphics processes alone has been seen to
 * take 4.5 ms. What the driver does not support is asked once a generation. One thread.
 */
final class OccupancyReader {
    static final Duration INTERVAL = Duration.ofSeconds(10);

    /** More would be garbage. */
    private static final int MOST_MIG_DEVICES = 64;

    private final ProcFs proc;
    private final Set<ProcessKind> unsupported = EnumSet.noneOf(ProcessKind.class);
    private long newestShare;
    private long lastNanos;
    private boolean hasAsked;

    OccupancyReader(ProcFs proc) {
        this.proc = proc;
    }

    /** Empty while the next look is not due. */
    Optional<Occupancy> read(Nvml nvml, Device device, long nowNanos) {
        if (hasAsked && nowNanos - lastNanos < INTERVAL.toNanos()) {
            return Optional.empty();
        }
        hasAsked = true;
        lastNanos = nowNanos;
        boolean isMig = nvml.migMode(device) instanceof Reading.Value<Boolean>(Boolean on) && on;
        List<MigInstance> instances = isMig ? instances(nvml, device) : List.of();
        return Optional.of(new Occupancy(processes(nvml, device), isMig, instances));
    }

    private Reading<List<GpuProcess>> processes(Nvml nvml, Device device) {
        Map<Integer, GpuProcess> byPid = new LinkedHashMap<>();
        Map<Integer, Long> shares = shares(nvml, device);
        Reading<List<GpuProcess>> failure = new Reading.Unsupported<>();
        boolean isTold = false;
        for (ProcessKind kind : ProcessKind.values()) {
            if (unsupported.contains(kind)) {
                continue;
            }
            Reading<List<ProcessUse>> answer = nvml.processes(device, kind);
            switch (answer) {
                case Reading.Value<List<ProcessUse>>(List<ProcessUse> uses) -> {
                    isTold = true;
                    uses.forEach(use -> byPid.putIfAbsent(use.pid(), process(use, kind, shares)));
                }
                case Reading.Unsupported<List<ProcessUse>>() -> unsupported.add(kind);
                case Reading<List<ProcessUse>> absent -> failure = absent.map(none -> List.of());
            }
        }
        List<GpuProcess> sorted = new ArrayList<>(byPid.values());
        sorted.sort(Comparator.comparingLong(
                        (GpuProcess process) -> -process.usedBytes().orElse(0))
                .thenComparing(GpuProcess::pid));
        return isTold ? new Reading.Value<>(List.copyOf(sorted)) : failure;
    }

    private GpuProcess process(ProcessUse use, ProcessKind kind, Map<Integer, Long> shares) {
        Long share = shares.get(use.pid());
        return new GpuProcess(
                use.pid(),
                kind,
                use.usedBytes(),
                share == null ? OptionalInt.empty() : OptionalInt.of(share.intValue()),
                use.gpuInstance(),
                proc.process(use.pid()));
    }

    /** The newest share of each process; stale, impossible and repeated ones are left out, as drivers give them. */
    private Map<Integer, Long> shares(Nvml nvml, Device device) {
        Map<Integer, ProcessShare> newest = new HashMap<>();
        if (nvml.processShares(device, newestShare)
                instanceof Reading.Value<List<ProcessShare>>(List<ProcessShare> told)) {
            long before = newestShare;
            for (ProcessShare share : told) {
                if (share.timestamp() > before && share.smPercent() >= 0 && share.smPercent() <= 100) {
                    newest.merge(share.pid(), share, (one, two) -> one.timestamp() > two.timestamp() ? one : two);
                    newestShare = Math.max(newestShare, share.timestamp());
                }
            }
        }
        Map<Integer, Long> percents = new HashMap<>();
        newest.forEach((pid, share) -> percents.put(pid, share.smPercent()));
        return percents;
    }

    private static List<MigInstance> instances(Nvml nvml, Device device) {
        List<MigInstance> instances = new ArrayList<>();
        int most = nvml.mostMigDevices(device) instanceof Reading.Value<Integer>(Integer count)
                ? Math.min(count, MOST_MIG_DEVICES)
                : 0;
        for (int index = 0; index < most; index++) {
            // Where there is none at an index the driver says NOT_FOUND and goes on at the next.
            if (nvml.migDevice(device, index) instanceof Reading.Value<Device>(Device mig)
                    && nvml.uuid(mig) instanceof Reading.Value<String>(String uuid)) {
                String name = nvml.name(mig) instanceof Reading.Value<String>(String product) ? product : "MIG device";
                instances.add(new MigInstance(
                        uuid,
                        name,
                        number(nvml.gpuInstance(mig)),
                        number(nvml.computeInstance(mig)),
                        nvml.memoryV2(mig)));
            }
        }
        return instances;
    }

    private static int number(Reading<Integer> answer) {
        return answer instanceof Reading.Value<Integer>(Integer number) ? number : -1;
    }
}
