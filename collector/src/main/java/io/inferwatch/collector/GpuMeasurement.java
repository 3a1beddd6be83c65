package io.inferwatch.collector;

import io.inferwatch.collector.catalogue.Metric;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What one poll of one GPU brought: only what the driver answered. What it could not answer is not in here.
 *
 * @param index NVML's enumeration index, from 0
 */
public record GpuMeasurement(int index, String uuid, long epochMillis, List<Values> values) implements Measurement {
    static final String SOURCE = "source";

    public GpuMeasurement {
        values = List.copyOf(values);
    }

    /** The samples of one metric, oldest first, in the steps of its unit. For a counter each is what was added. */
    public static final class Values {
        private final Metric metric;
        private final LabelSet labels;
        private final long[] scaled;

        /** @param labels of the series beyond which GPU it is: {@code source}, {@code reason}, {@code kind} … */
        public Values(Metric metric, LabelSet labels, long... scaled) {
            this.metric = metric;
            this.labels = labels;
            this.scaled = scaled.clone();
        }

        /** @param source becomes the series label {@code source}: {@code gpm}, {@code nvml} */
        public Values(Metric metric, Optional<String> source, long... scaled) {
            this(metric, source.map(name -> LabelSet.of(SOURCE, name)).orElse(LabelSet.EMPTY), scaled);
        }

        public Metric metric() {
            return metric;
        }

        public LabelSet labels() {
            return labels;
        }

        public int count() {
            return scaled.length;
        }

        public long scaledAt(int position) {
            return scaled[position];
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Values that
                    && metric.equals(that.metric)
                    && labels.equals(that.labels)
                    && Arrays.equals(scaled, that.scaled);
        }

        @Override
        public int hashCode() {
            return Objects.hash(metric, labels, Arrays.hashCode(scaled));
        }

        @Override
        public String toString() {
            return metric.name() + (labels.isEmpty() ? "" : labels) + Arrays.toString(scaled);
        }
    }
}
