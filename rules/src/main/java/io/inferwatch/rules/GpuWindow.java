package io.inferwatch.rules;

import io.inferwatch.collector.LabelSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What one GPU did in the window of an alert or around a slow request. A number that is empty was not measured.
 *
 * @param gpu its index
 * @param server the model server it is known to serve
 * @param over the length of the window
 * @param smPercent mean share of time the SMs were busy, 0 to 100
 * @param dramPercent mean share of time device memory moved data, 0 to 100
 * @param powerWatts mean power
 * @param xids how many XID errors fell into the window
 * @param throttledShares by reason, which share of the window the clocks were held down, 0 to 1; those above 0
 */
public record GpuWindow(
        String gpu,
        String uuid,
        Optional<String> server,
        Duration over,
        OptionalDouble smPercent,
        OptionalDouble dramPercent,
        OptionalDouble powerWatts,
        long xids,
        SortedMap<String, Double> throttledShares) {
    /** In a message; an alert's own GPUs are seldom more. */
    public static final int MAX_LINES = 8;

    /** Below it a throttled share explains nothing. */
    private static final double WORTH_TELLING = 0.01;

    private static final Comparator<GpuWindow> BY_INDEX =
            Comparator.comparingInt((GpuWindow window) -> window.gpu.length()).thenComparing(GpuWindow::gpu);

    public GpuWindow {
        throttledShares = Collections.unmodifiableSortedMap(new TreeMap<>(throttledShares));
    }

    /**
     * The GPUs that an alert or a request is about: those of its server where GPU series bear servers' names, else all
     * of the host, as any of them may have served it.
     *
     * @param labels the alert's or the request's
     * @return by index
     */
    public static List<GpuWindow> servingOf(LabelSet labels, List<GpuWindow> all) {
        Optional<String> server = labels.get("server");
        boolean areNamed = all.stream().anyMatch(window -> window.server.isPresent());
        return all.stream()
                .filter(window -> server.isEmpty() || !areNamed || window.server.equals(server))
                .sorted(BY_INDEX)
                .toList();
    }

    /** For a message, a line a GPU, first those that may be the cause; of GPUs that may not have served it only these. */
    public static List<String> lines(LabelSet labels, List<GpuWindow> windows) {
        Optional<String> server = labels.get("server");
        Stream<GpuWindow> causes =
                windows.stream().filter(window -> !window.words().isEmpty());
        Stream<GpuWindow> others = windows.stream()
                .filter(window -> window.words().isEmpty() && server.isPresent() && window.server.equals(server));
        return Stream.concat(causes, others)
                .map(GpuWindow::line)
                .limit(MAX_LINES)
                .toList();
    }

    /** What may explain a slow request, a sentence each: {@code GPU 3 was thermally throttled 41 % of the window}. */
    public List<String> words() {
        List<String> words = new ArrayList<>();
        double thermal = Math.min(1, throttled("hw_thermal") + throttled("sw_thermal"));
        if (thermal >= WORTH_TELLING) {
            words.add(said("was thermally throttled", thermal));
        }
        if (throttled("hw_power_brake") >= WORTH_TELLING) {
            words.add(said("was slowed by the power brake", throttled("hw_power_brake")));
        }
        if (xids > 0) {
            words.add("GPU " + gpu + " reported " + xids + (xids == 1 ? " XID error" : " XID errors"));
        }
        return words;
    }

    private double throttled(String reason) {
        return throttledShares.getOrDefault(reason, 0.0);
    }

    private String said(String what, double share) {
        return String.format(Locale.ROOT, "GPU %s %s %.0f %% of the window", gpu, what, 100 * share);
    }

    /** All of it: {@code GPU 3 was thermally throttled 41 % of the window (SM 62 %, DRAM 71 %, 641 W)}. */
    private String line() {
        List<String> numbers = new ArrayList<>();
        smPercent.ifPresent(percent -> numbers.add("SM " + ValueText.format(percent, "%")));
        dramPercent.ifPresent(percent -> numbers.add("DRAM " + ValueText.format(percent, "%")));
        powerWatts.ifPresent(watts -> numbers.add(ValueText.format(watts, "W")));
        String all = String.join(", ", numbers);
        List<String> words = words();
        if (words.isEmpty()) {
            return "GPU " + gpu + ": " + (all.isEmpty() ? "nothing measured" : all);
        }
        return String.join("; ", words) + (all.isEmpty() ? "" : " (" + all + ")");
    }

    /** Gathers the windows of several GPUs from one answer a metric. One thread. */
    public static final class Draft {
        private final Duration over;
        private final Map<String, One> byGpu = new TreeMap<>();

        private static final class One {
            private final LabelSet labels;
            private final Map<String, Double> values = new TreeMap<>();
            private final SortedMap<String, Double> throttled = new TreeMap<>();

            private One(LabelSet labels) {
                this.labels = labels;
            }
        }

        public Draft(Duration over) {
            this.over = over;
        }

        /**
         * @param metric one of {@link GpuSignals#METRICS}
         * @param labels of the series or group: {@code gpu}, {@code uuid}, {@code server}, {@code reason}
         * @param value the mean; of {@code gpu.xid} the sum, of {@code gpu.throttle} the share of the window
         */
        public void put(String metric, LabelSet labels, double value) {
            String key =
                    labels.get("uuid").orElse("") + " " + labels.get("server").orElse("");
            One one = byGpu.computeIfAbsent(key, made -> new One(labels));
            if (!metric.equals(GpuSignals.THROTTLE)) {
                one.values.merge(metric, value, Math::max);
            } else if (value > 0) {
                labels.get("reason").ifPresent(reason -> one.throttled.merge(reason, Math.min(1, value), Double::sum));
            }
        }

        /** In no order. */
        public List<GpuWindow> done() {
            return byGpu.values().stream()
                    .filter(one -> one.labels.get("server").isPresent() || !isNamedElsewhere(one))
                    .map(this::window)
                    .toList();
        }

        /** A GPU that got its server within the window is told once, under its server. */
        private boolean isNamedElsewhere(One one) {
            return byGpu.values().stream()
                    .anyMatch(other -> other.labels.get("server").isPresent()
                            && other.labels.get("uuid").equals(one.labels.get("uuid")));
        }

        private GpuWindow window(One one) {
            return new GpuWindow(
                    one.labels.get("gpu").orElse(""),
                    one.labels.get("uuid").orElse(""),
                    one.labels.get("server"),
                    over,
                    number(one, GpuSignals.SM),
                    number(one, GpuSignals.DRAM),
                    number(one, GpuSignals.POWER),
                    Math.round(one.values.getOrDefault(GpuSignals.XID, 0.0)),
                    one.throttled);
        }

        private static OptionalDouble number(One one, String metric) {
            Double value = one.values.get(metric);
            return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
        }
    }
}
