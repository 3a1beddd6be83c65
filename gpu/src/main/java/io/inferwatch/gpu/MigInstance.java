package io.inferwatch.gpu;

/**
 * A MIG device: part of a GPU with SMs and memory of its own.
 *
 * @param uuid {@code MIG-…}
 */
public record MigInstance(
        String uuid, String name, int gpuInstance, int computeInstance, Reading<Nvml.MemoryV2> memory) {}
