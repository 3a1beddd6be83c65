package io.inferwatch.gpu;

import java.util.List;
import java.util.OptionalInt;

/**
 * The part of NVML Inferwatch calls: one method a C function, and nothing decided in it. Any thread may call any
 * method, and any method may never return: only the threads of {@link GpuProbe} call it.
 *
 * <p>Answers are in NVML's own units; {@link GpuFields} turns them into the catalogue's.
 */
public interface Nvml extends NvmlFields, NvmlGpm, NvmlEvents, NvmlProcesses {

    /** Finds the library. Called again after a failure, so that a driver installed later is found. */
    @FunctionalInterface
    interface Opener {
        Opened open();
    }

    /** Whether there is a library to call. */
    sealed interface Opened {
        record Found(Nvml nvml) implements Opened {}

        /** @param reason for the operator, for example {@code libnvidia-ml.so.1 not found} */
        record NotFound(String reason) implements Opened {}
    }

    /** A GPU as NVML names it, good within one generation of the driver: an opaque pointer. */
    record Device(long handle) {}

    /**
     * A C function that answers with one unsigned number: {@code f(device, u32*)}, or {@code f(device, selector, u32*)}.
     */
    record NumberQuery(String symbol, OptionalInt selector) {
        public static NumberQuery of(String symbol) {
            return new NumberQuery(symbol, OptionalInt.empty());
        }

        public static NumberQuery of(String symbol, int selector) {
            return new NumberQuery(symbol, OptionalInt.of(selector));
        }
    }

    /** {@code nvmlUtilization_t}: percent of time over the driver's last window, 1/6 s to 1 s by product. */
    record Utilization(long gpuPercent, long memoryPercent) {}

    /** {@code nvmlMemory_t}; used includes what the driver reserves. */
    record MemoryV1(long totalBytes, long freeBytes, long usedBytes) {}

    /** {@code nvmlMemory_v2_t}; used excludes what the driver reserves. */
    record MemoryV2(long totalBytes, long reservedBytes, long freeBytes, long usedBytes) {}

    /** A buffer in the driver that keeps the last values, so that nothing between two polls is missed. */
    enum Ring {
        /** In mW. */
        POWER(0),
        /** In %. */
        GPU_UTILIZATION(1),
        /** In %. */
        MEMORY_UTILIZATION(2);

        private final int samplingType;

        Ring(int samplingType) {
            this.samplingType = samplingType;
        }

        /** {@code nvmlSamplingType_t}. */
        public int samplingType() {
            return samplingType;
        }
    }

    /**
     * One value of a ring.
     *
     * @param timestamp opaque: µs since the epoch on some platforms, since boot on others
     */
    record RingSample(long timestamp, double value) {}

    /** {@code nvmlInit_v2}; counted by NVML, so each success needs one {@link #shutdown}. Answers nvmlReturn_t. */
    int init();

    /** {@code nvmlShutdown}; must not be called while another call is under way. Answers nvmlReturn_t. */
    int shutdown();

    /** {@code nvmlSystemGetDriverVersion}. */
    Reading<String> driverVersion();

    /** {@code nvmlDeviceGetCount_v2}; counts GPUs this process may not open as well. */
    Reading<Integer> deviceCount();

    /** {@code nvmlDeviceGetHandleByIndex_v2}. */
    Reading<Device> deviceByIndex(int index);

    /** {@code nvmlDeviceGetHandleByUUID}. */
    Reading<Device> deviceByUuid(String uuid);

    /** {@code nvmlDeviceGetIndex}. */
    Reading<Integer> index(Device device);

    /** {@code nvmlDeviceGetUUID}. */
    Reading<String> uuid(Device device);

    /** {@code nvmlDeviceGetName}. */
    Reading<String> name(Device device);

    Reading<Long> number(Device device, NumberQuery query);

    /** {@code nvmlDeviceGetUtilizationRates}. */
    Reading<Utilization> utilization(Device device);

    /** {@code nvmlDeviceGetMemoryInfo}. */
    Reading<MemoryV1> memoryV1(Device device);

    /** {@code nvmlDeviceGetMemoryInfo_v2}. */
    Reading<MemoryV2> memoryV2(Device device);

    /**
     * {@code nvmlDeviceGetSamples}.
     *
     * @param after the newest timestamp seen so far; 0 for everything in the ring
     * @return the samples as the driver gave them, in no promised order; {@link Reading.Stale} when there is none
     */
    Reading<List<RingSample>> samples(Device device, Ring ring, long after);

    /** Unloads the library; nothing may be called afterwards, and no call may be under way. */
    void close();
}
