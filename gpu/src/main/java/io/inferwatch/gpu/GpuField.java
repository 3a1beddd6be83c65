package io.inferwatch.gpu;

/**
 * One thing that can be read from a GPU, named as the metric catalogue names it.
 *
 * @param metric the catalogue name, for example {@code gpu.power}
 * @param unit the unit of every sample: {@code %} (0–100), {@code W}, {@code C}, {@code MHz}, {@code bytes}, {@code 0/1}
 */
public record GpuField(String metric, String unit) {}
