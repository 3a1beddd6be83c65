package io.inferwatch.gpu;

import io.inferwatch.gpu.host.HostProcess;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A process that uses a GPU.
 *
 * @param pid of the host
 * @param usedBytes device memory; empty where the driver does not tell it
 * @param smPercent share of the GPU's time it had lately, 0 to 100; not of its SMs
 * @param gpuInstance the MIG GPU instance it runs in
 * @param host what the host says of it; empty where this process may not see it, as in a container of its own
 */
public record GpuProcess(
        int pid,
        NvmlProcesses.ProcessKind kind,
        OptionalLong usedBytes,
        OptionalInt smPercent,
        OptionalInt gpuInstance,
        Optional<HostProcess> host) {}
