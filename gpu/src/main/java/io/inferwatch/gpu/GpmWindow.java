package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlGpm.GpmSample;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Activity inside one GPU, or GPU instance, from poll to poll: two samples that change places, so that each window
 * begins where the one before ended. One thread.
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

    private static final List<Integer> METRICS =
            List.of(GRAPHICS, SM, OCCUPANCY, TENSOR, DRAM, PCIE_TX, PCIE_RX, NVLINK_RX, NVLINK_TX);
    private static final List<Integer> RATES = List.of(PCIE_TX, PCIE_RX, NVLINK_RX, NVLINK_TX);

    /** NVML: values of a shorter window are invalid. */
    private static final long SHORTEST_NANOS = 100_000_000L;

    private final Nvml nvml;
    private final Device device;
    private final Function<GpmSample, Reading<GpmSample>> taker;
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
    }

    GpmWindow(Nvml nvml, Device device, Access access, LongSupplier nanos) {
        this(nvml, device, sample -> nvml.gpmTake(device, sample), access, nanos);
    }

    /** @param taker takes a sample of what is watched */
    GpmWindow(
            Nvml nvml,
            Device device,
            Function<GpmSample, Reading<GpmSample>> taker,
            Access access,
            LongSupplier nanos) {
        this.nvml = nvml;
        this.device = device;
        this.taker = taker;
        this.access = access;
        this.nanos = nanos;
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
        boolean isFirst = !begun;
        double seconds = (now - begunNanos) / 1e9;
        begun = true;
        begunNanos = now;
        earlier = to;
        later = from;
        if (isFirst) {
            return new Reading.Stale<>();
        }
        return access.alone(() -> nvml.gpmMetrics(from, to, METRICS)).map(answers -> took(answers, seconds));
    }

    private Map<Integer, Reading<Double>> took(List<Reading<Double>> answers, double seconds) {
        Map<Integer, Reading<Double>> metrics = new HashMap<>();
        for (int i = 0; i < METRICS.size(); i++) {
            int metric = METRICS.get(i);
            metrics.put(metric, answers.get(i));
            if (RATES.contains(metric)
                    && answers.get(i) instanceof Reading.Value<Double>(Double rate)
                    && Double.isFinite(rate)
                    && rate >= 0) {
                bytes.merge(metric, rate * (1 << 20) * seconds, Double::sum);
            }
        }
        return metrics;
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
        if (earlier == null && access.alone(nvml::gpmAllocate) instanceof Reading.Value<GpmSample>(GpmSample one)) {
            earlier = one;
        }
        Reading<GpmSample> two = access.alone(nvml::gpmAllocate);
        if (two instanceof Reading.Value<GpmSample>(GpmSample made)) {
            later = made;
        }
        return two;
    }
}
