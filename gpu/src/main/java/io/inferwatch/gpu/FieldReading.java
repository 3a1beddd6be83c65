package io.inferwatch.gpu;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One field of one poll.
 *
 * @param labels what tells this series from others of its metric: {@code source} ({@code gpm}, {@code nvml}) where it
 *     matters whence the driver took it, {@code reason}, {@code kind}, {@code direction},
 *     {@code gpu_instance}; they become series labels
 */
public record FieldReading(GpuField field, Map<String, String> labels, Reading<Samples> reading) {
    /** The label of a reading that is of one MIG GPU instance: its number within the GPU. */
    public static final String GPU_INSTANCE = "gpu_instance";

    private static final String SOURCE = "source";

    public FieldReading {
        labels = Map.copyOf(labels);
    }

    /** @param source becomes the label {@code source} */
    public FieldReading(GpuField field, Optional<String> source, Reading<Samples> reading) {
        this(field, source.map(name -> Map.of(SOURCE, name)).orElse(Map.of()), reading);
    }

    /** Where the driver took it from, where that matters. */
    public Optional<String> source() {
        return Optional.ofNullable(labels.get(SOURCE));
    }

    /** The labels but for the source: what of the metric this is, whoever tells it. */
    public Map<String, String> part() {
        Map<String, String> part = new TreeMap<>(labels);
        part.remove(SOURCE);
        return part;
    }

    /** Whether it is of a MIG GPU instance and not of the whole GPU. */
    public boolean isOfInstance() {
        return labels.containsKey(GPU_INSTANCE);
    }

    /**
     * What a reading tells, whoever tells it: the same from poll to poll.
     *
     * @param part the labels but for the source
     */
    record Subject(GpuField field, Map<String, String> part) {}

    Subject subject() {
        return new Subject(field, labels.containsKey(SOURCE) ? Map.copyOf(part()) : labels);
    }

    /** Whether both tell the same thing, though perhaps by different sources. */
    public boolean isSameAs(FieldReading other) {
        return subject().equals(other.subject());
    }
}
