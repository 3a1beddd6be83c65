package io.inferwatch.gpu;

import io.inferwatch.gpu.health.XidCatalogue;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An XID error the driver reported, told once.
 *
 * @param server the configured model server that uses the GPU
 * @param at when it was heard of: NVML gives no time with it
 * @param xid 999 where the driver did not know which
 * @param gpuInstance the MIG GPU instance it can be laid to
 */
public record XidEvent(
        GpuIdentity gpu, Optional<String> server, Instant at, int xid, OptionalInt gpuInstance, Origin origin) {

    /** Of a GPU that no server is known to use. */
    public XidEvent(GpuIdentity gpu, Instant at, int xid, OptionalInt gpuInstance, Origin origin) {
        this(gpu, Optional.empty(), at, xid, gpuInstance, origin);
    }

    XidEvent of(Optional<String> user) {
        return new XidEvent(gpu, user, at, xid, gpuInstance, origin);
    }

    /** Where it was heard of. */
    public enum Origin {
        /** NVML's event set. */
        NVML,
        /** The kernel log. */
        KERNEL_LOG
    }

    /** What the number means and asks for. */
    public XidCatalogue.Entry entry() {
        return XidCatalogue.of(xid);
    }
}
