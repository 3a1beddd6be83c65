package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.util.List;

/**
 * The part of {@link Nvml} that measures activity inside the GPU, on Hopper and newer. Unlike the rest of NVML no two
 * threads may be in it at once, whatever GPUs they ask: see {@link GpmGate}.
 */
public interface NvmlGpm {

    /** Counters of one moment: memory of the library, an opaque pointer. */
    record GpmSample(long handle) {}

    /** {@code nvmlGpmQueryDeviceSupport}. */
    Reading<Boolean> gpmIsSupported(Device device);

    /** {@code nvmlGpmSampleAlloc}. */
    Reading<GpmSample> gpmAllocate();

    /** {@code nvmlGpmSampleFree}. Answers nvmlReturn_t. */
    int gpmFree(GpmSample sample);

    /**
     * {@code nvmlGpmSampleGet}: takes down the counters of now.
     *
     * @return that same sample
     */
    Reading<GpmSample> gpmTake(Device device, GpmSample sample);

    /**
     * {@code nvmlGpmMigSampleGet}: the same of one GPU instance.
     *
     * @param parent the whole GPU, not a MIG device
     * @return that same sample
     */
    Reading<GpmSample> gpmTakeOfInstance(Device parent, int gpuInstance, GpmSample sample);

    /**
     * {@code nvmlGpmMetricsGet}: what happened between two samples of one GPU, which must lie more than 100 ms apart.
     *
     * @param metrics {@code nvmlGpmMetricId_t}
     * @return one answer a metric, in their order. A value may be NaN
     */
    Reading<List<Reading<Double>>> gpmMetrics(GpmSample earlier, GpmSample later, List<Integer> metrics);
}
