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
    public GpuMeasurement {
        values = List.copyOf(values);
    }

    /** The samples of one metric, oldest first, in the steps of its unit. For a counter each is what was added. */
    public static final class Values {
        private final Metric metric;
        private final Optional<String> source;
        private final long[] scaled;

        /** @param source becomes the series label {@code source}: {@code gpm}, {@code nvml} */
        public Values(Metric metric, Optional<String> source, long... scaled) {
            this.metric = metric;
            this.source = source;
            this.scaled = scaled.clone();
        }

        public Metric metric() {
            return metric;
        }

        public Optional<String> source() {
            return source;
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
                    && source.equals(that.source)
                    && Arrays.equals(scaled, that.scaled);
        }

        @Override
        public int hashCode() {
            return Objects.hash(metric, source, Arrays.hashCode(scaled));
        }

        @Override
        public String toString() {
            return metric.name() + source.map(name -> "{" + name + "}").orElse("") + Arrays.toString(scaled);
        }
    }
}
