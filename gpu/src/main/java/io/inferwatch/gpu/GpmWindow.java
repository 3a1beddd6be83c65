package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlGpm.GpmSample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Activity inside one GPU, or GPU instance, from poll to poll: two samples that change places, so that each window
 * begins where the one before ended, and none is lost. One thread.
 */
final class GpmWindow {
    /** GRAPHICS_UTIL, in %. */
    static final int GRAPHICS = 1;
    /** SM_UTIL: the mean share of SMs with a warp on them, in %. */
    static final int SM = 2;
    /** SM_OCCUPANCY: resident warps of those possible, in %. */
    static final int OCCUPANCY = 3;
    /** ANY_TENSOR_UTIL, in %. */
    static final int TENSOR = 5;
    /** DRAM_BW_UTIL, in %. */
    static final int DRAM = 10;
    /** PCIE_TX_PER_SEC, in MiB/s. */
    static final int PCIE_TX = 20;
    /** PCIE_RX_PER_SEC, in MiB/s. */
    static final int PCIE_RX = 21;
    /** NVLINK_TOTAL_RX_PER_SEC, in MiB/s. */
    static final int NVLINK_RX = 60;
    /** NVLINK_TOTAL_TX_PER_SEC, in MiB/s. */
    static final int NVLINK_TX = 61;

    private static final List<Integer> ACTIVITY = List.of(GRAPHICS, SM, OCCUPANCY, TENSOR, DRAM);
    private static final List<Integer> RATES = List.of(PCIE_TX, PCIE_RX, NVLINK_RX, NVLINK_TX);
    private static final List<Integer> ALL =
            Stream.concat(ACTIVITY.stream(), RATES.stream()).toList();

    /** NVML: values of a shorter window are invalid. */
    private static final long SHORTEST_NANOS = 100_000_000L;

    /** Twice the longest interval of polls. A mean over more, after a long refusal, would be told as of now. */
    private static final long LONGEST_NANOS = 120_000_000_000L;

    private final Nvml nvml;
    private final Device device;
    private final Function<GpmSample, Reading<GpmSample>> taker;
    private final List<Integer> metrics;
    private final Access access;
    private final LongSupplier nanos;
    private final Map<Integer, Double> bytes = new HashMap<>();

    private boolean unsupported;
    private @Nullable GpmSample earlier;
    private @Nullable GpmSample later;
    private boolean begun;
    private long begunNanos;
    private @Nullable Reading<Map<Integer, Reading<Double>>> measured;

    /** The gate, and who it is that passes. */
    record Access(GpmGate gate, Object owner) {
        private <T> Reading<T> alone(Supplier<Reading<T>> call) {
            return gate.alone(owner, call);
        }

        private Reading<GpmSample> allocate(Nvml nvml) {
            return gate.allocate(owner, nvml);
        }
    }

    private GpmWindow(
            Nvml nvml,
            Device device,
            Function<GpmSample, Reading<GpmSample>> taker,
            List<Integer> metrics,
            Access access,
            LongSupplier nanos) {
        this.nvml = nvml;
        this.device = device;
        this.taker = taker;
        this.metrics = metrics;
        this.access = access;
        this.nanos = nanos;
    }

    /** Of the whole GPU. */
    static GpmWindow ofGpu(Nvml nvml, Device device, Access access, LongSupplier nanos) {
        return new GpmWindow(nvml, device, sample -> nvml.gpmTake(device, sample), ALL, access, nanos);
    }

    /**
     * Of one of its MIG GPU instances: the activity alone, as links cannot be divided.
     *
     * @param parent the whole GPU
     */
    static GpmWindow ofInstance(Nvml nvml, Device parent, int gpuInstance, Access access, LongSupplier nanos) {
        return new GpmWindow(
                nvml, parent, sample -> nvml.gpmTakeOfInstance(parent, gpuInstance, sample), ACTIVITY, access, nanos);
    }

    /** Gives the samples back; the window begins anew when it is asked again. */
    void free() {
        Stream.of(Optional.ofNullable(earlier), Optional.ofNullable(later))
                .flatMap(Optional::stream)
                .forEach(sample -> access.gate().free(access.owner(), nvml, sample));
        earlier = null;
        later = null;
        begun = false;
    }

    void beginPoll() {
        measured = null;
    }

    /**
     * What this metric was since the poll before; measured once a poll.
     *
     * @return {@link Reading.Stale} at the first poll, which has no window yet; a value may be NaN
     */
    Reading<Double> metric(int number) {
        return switch (measured()) {
            case Reading.Value<Map<Integer, Reading<Double>>>(Map<Integer, Reading<Double>> metrics) ->
                metrics.getOrDefault(number, new Reading.Unsupported<>());
            case Reading<Map<Integer, Reading<Double>>> absent -> absent.map(none -> Double.NaN);
        };
    }

    /** Whether the driver has said so. */
    boolean isSupported() {
        return later != null && !unsupported;
    }

    /** What a rate adds up to over all windows of this generation, in bytes. */
    Reading<Double> bytes(int rate) {
        return metric(rate).map(any -> bytes.getOrDefault(rate, 0.0));
    }

    private Reading<Map<Integer, Reading<Double>>> measured() {
        Reading<Map<Integer, Reading<Double>>> known = measured;
        if (known == null) {
            known = unsupported ? new Reading.Unsupported<>() : measure();
            unsupported |= known instanceof Reading.Unsupported<?>;
            measured = known;
        }
        return known;
    }

    private Reading<Map<Integer, Reading<Double>>> measure() {
        Reading<GpmSample> ready = allocated();
        if (!(ready instanceof Reading.Value<GpmSample>)) {
            return ready.map(none -> Map.of());
        }
        GpmSample from = earlier;
        GpmSample to = later;
        if (from == null || to == null || (begun && nanos.getAsLong() - begunNanos <= SHORTEST_NANOS)) {
            return new Reading.Stale<>();
        }
        Reading<GpmSample> taken = access.alone(() -> taker.apply(to));
        if (!(taken instanceof Reading.Value<GpmSample>)) {
            return taken.map(none -> Map.of());
        }
        long now = nanos.getAsLong();
        long lastedNanos = now - begunNanos;
        if (!begun || lastedNanos > LONGEST_NANOS) {
            beginWith(to, from, now);
            return new Reading.Stale<>();
        }
        Reading<List<Reading<Double>>> answers = access.alone(() -> nvml.gpmMetrics(from, to, metrics));
        if (answers instanceof Reading.Value<?>) {
            beginWith(to, from, now);
        }
        return answers.map(told -> took(told, lastedNanos / 1e9));
    }

    /** From here on until the next sample; one that could not be measured goes on, and the next then tells of both. */
    private void beginWith(GpmSample newest, GpmSample free, long now) {
        begun = true;
        begunNanos = now;
        earlier = newest;
        later = free;
    }

    private Map<Integer, Reading<Double>> took(List<Reading<Double>> answers, double seconds) {
        Map<Integer, Reading<Double>> told = new HashMap<>();
        for (int i = 0; i < metrics.size(); i++) {
            int metric = metrics.get(i);
            told.put(metric, answers.get(i));
            if (RATES.contains(metric)
                    && answers.get(i) instanceof Reading.Value<Double>(Double rate)
                    && Double.isFinite(rate)
                    && rate >= 0) {
                bytes.merge(metric, rate * (1 << 20) * seconds, Double::sum);
            }
        }
        return told;
    }

    /** The two samples, made once; whoever cannot have them is told why. */
    private Reading<GpmSample> allocated() {
        GpmSample second = later;
        if (second != null) {
            return new Reading.Value<>(second);
        }
        Reading<Boolean> supported = access.alone(() -> nvml.gpmIsSupported(device));
        if (!(supported instanceof Reading.Value<Boolean>(Boolean isSupported))) {
            return supported.map(none -> new GpmSample(0));
        }
        if (!isSupported) {
            return new Reading.Unsupported<>();
        }
        if (earlier == null && access.allocate(nvml) instanceof Reading.Value<GpmSample>(GpmSample one)) {
            earlier = one;
        }
        Reading<GpmSample> two = access.allocate(nvml);
        if (two instanceof Reading.Value<GpmSample>(GpmSample made)) {
            later = made;
        }
        return two;
    }
}
