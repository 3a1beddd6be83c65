package io.inferwatch.gpu;

import io.inferwatch.gpu.host.KernelLog;
import io.inferwatch.gpu.host.ProcFs;
import java.nio.file.Path;
import java.time.Instant;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Tells of XIDs that stand in the kernel log alone: NVML's events do not bring every one. Any thread. */
final class KernelWatch {
    private final KernelLog kernelLog;
    private final ProcFs proc;
    private final LongSupplier nanos;
    private final FleetDesk desk;
    private final KernelXids xids = new KernelXids();

    KernelWatch(Path device, ProcFs proc, LongSupplier nanos, FleetDesk desk) {
        this.kernelLog = new KernelLog(device);
        this.proc = proc;
        this.nanos = nanos;
        this.desk = desk;
    }

    /** Follows the log from now on, where it may be read. */
    void start() {
        // On Linux the monotonic clock of Java is the kernel's, in which it stamps its log.
        kernelLog.follow(TimeUnit.NANOSECONDS.toMicros(nanos.getAsLong()), this::inLog);
    }

    /** On the thread that follows the log. */
    void inLog(KernelLog.Xid xid) {
        proc.gpuUuid(xid.pciBus())
                .ifPresent(uuid -> xids.inLog(new KernelXids.Seen(uuid, xid.number(), nanos.getAsLong())));
    }

    /** The same, not to be told twice. */
    void byNvml(XidEvent event) {
        xids.byNvml(new KernelXids.Seen(event.gpu().uuid(), event.xid(), nanos.getAsLong()));
    }

    /** Tells of those that NVML has not told of. */
    void tell(Instant at) {
        for (KernelXids.Seen xid : xids.due(nanos.getAsLong())) {
            desk.gpus().stream()
                    .map(GpuFleet.Gpu::identity)
                    .filter(gpu -> gpu.uuid().equals(xid.uuid()))
                    .findFirst()
                    .ifPresent(gpu -> desk.take(
                            new XidEvent(gpu, at, xid.xid(), OptionalInt.empty(), XidEvent.Origin.KERNEL_LOG)));
        }
    }
}
