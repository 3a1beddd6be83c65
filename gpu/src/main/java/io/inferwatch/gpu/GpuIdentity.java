package io.inferwatch.gpu;

/**
 * Which GPU is meant. The UUID identifies it; the index is what people type and may change over a driver reload.
 *
 * @param index NVML's enumeration index, from 0
 * @param uuid {@code GPU-…} as NVML prints it
 * @param name the product name, for example {@code NVIDIA H200}
 */
public record GpuIdentity(int index, String uuid, String name) {}
