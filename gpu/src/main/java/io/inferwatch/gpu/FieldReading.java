package io.inferwatch.gpu;

import java.util.Optional;

/**
 * One field of one poll.
 *
 * @param source where the driver took it from when that matters ({@code gpm}, {@code nvml}); it becomes the series label
 *     {@code source}
 */
public record FieldReading(GpuField field, Optional<String> source, Reading<Samples> reading) {}
