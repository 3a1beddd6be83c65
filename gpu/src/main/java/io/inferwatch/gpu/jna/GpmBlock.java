package io.inferwatch.gpu.jna;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import io.inferwatch.gpu.Nvml.Device;
import io.inferwatch.gpu.NvmlCode;
import io.inferwatch.gpu.NvmlGpm.GpmSample;
import io.inferwatch.gpu.Reading;
import java.util.ArrayList;
import java.util.List;

/**
 * The {@code nvmlGpm…} functions. {@code nvmlGpmMetricsGet_t} has grown from header to header under the same version
 * word; the library touches only as many rows as are asked for, so one raw block of the largest size, indexed by hand,
 * fits every driver.
 */
final class GpmBlock {
    /** NVML_GPM_METRIC_MAX of header 13.3; 98 and 210 before. */
    private static final int MOST_METRICS = 333;

    private static final int NUM_METRICS = 4;
    private static final int SAMPLE_1 = 8;
    private static final int SAMPLE_2 = 16;
    private static final int METRICS = 24;
    private static final int METRIC_RETURN = 4;
    private static final int METRIC_VALUE = 8;

    /** NVML_GPM_METRICS_GET_VERSION and NVML_GPM_SUPPORT_VERSION: a bare 1, unlike every other version word. */
    private static final int VERSION = 1;

    private final NativeCall call;
    private final ThreadLocal<Memory> blocks = ThreadLocal.withInitial(
            () -> new Memory(METRICS + (long) MOST_METRICS * NvmlLayout.GPM_METRIC.sizeBytes()));

    GpmBlock(NativeCall call) {
        this.call = call;
    }

    /** @param out cleared */
    Reading<Boolean> isSupported(Pointer device, Memory out) {
        out.setInt(0, VERSION);
        return NvmlCode.reading(call.of("nvmlGpmQueryDeviceSupport", device, out), () -> out.getInt(4) != 0);
    }

    Reading<GpmSample> allocate(Memory out) {
        return NvmlCode.reading(call.of("nvmlGpmSampleAlloc", out), () -> new GpmSample(out.getLong(0)));
    }

    int free(GpmSample sample) {
        return call.of("nvmlGpmSampleFree", new Pointer(sample.handle()));
    }

    Reading<GpmSample> take(Device device, GpmSample sample) {
        int code = call.of("nvmlGpmSampleGet", new Pointer(device.handle()), new Pointer(sample.handle()));
        return NvmlCode.reading(code, () -> sample);
    }

    Reading<GpmSample> takeOfInstance(Device parent, int gpuInstance, GpmSample sample) {
        Pointer into = new Pointer(sample.handle());
        int code = call.of("nvmlGpmMigSampleGet", new Pointer(parent.handle()), gpuInstance, into);
        return NvmlCode.reading(code, () -> sample);
    }

    Reading<List<Reading<Double>>> metrics(GpmSample earlier, GpmSample later, List<Integer> metrics) {
        if (metrics.size() > MOST_METRICS) {
            throw new IllegalArgumentException(metrics.size() + " GPM metrics, at most " + MOST_METRICS);
        }
        Memory block = blocks.get();
        block.clear();
        block.setInt(0, VERSION);
        block.setInt(NUM_METRICS, metrics.size());
        block.setLong(SAMPLE_1, earlier.handle());
        block.setLong(SAMPLE_2, later.handle());
        for (int i = 0; i < metrics.size(); i++) {
            block.setInt(row(i), metrics.get(i));
        }
        return NvmlCode.reading(call.of("nvmlGpmMetricsGet", block), () -> answers(block, metrics.size()));
    }

    private static List<Reading<Double>> answers(Memory block, int count) {
        List<Reading<Double>> answers = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            long at = row(i);
            int code = block.getInt(at + METRIC_RETURN);
            answers.add(
                    code == NvmlCode.INVALID_ARGUMENT
                            ? new Reading.Unsupported<>()
                            : NvmlCode.reading(code, () -> block.getDouble(at + METRIC_VALUE)));
        }
        return answers;
    }

    private static long row(int number) {
        return METRICS + (long) number * NvmlLayout.GPM_METRIC.sizeBytes();
    }
}
