package io.inferwatch.gpu;

/**
 * Which GPU is meant. The UUID identifies it; the index is what people type and may change over a driver reload.
 *
 * @param index NVML's enumeration index, from 0
 * @param uuid {@code GPU-…} as NVML prints it; {@code unknown-<index>} stands for a GPU that is expected, or counted by
 *     the driver, and has never told its own
 * @param name the product name, for example {@code NVIDIA H200}; {@code unknown} for a GPU never seen
 */
public record GpuIdentity(int index, String uuid, String name) {}
