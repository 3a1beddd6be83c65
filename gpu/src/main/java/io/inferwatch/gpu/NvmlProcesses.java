package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The part of NVML that tells who uses a GPU, and into which MIG instances it is divided. As in {@link Nvml}, any call may
 * never return. An NVML that has none of it is one of these defaults.
 */
public interface NvmlProcesses {

    /** What a process does with the GPU. */
    enum ProcessKind {
        COMPUTE("nvmlDeviceGetComputeRunningProcesses_v3"),
        GRAPHICS("nvmlDeviceGetGraphicsRunningProcesses_v3"),
        MPS("nvmlDeviceGetMPSComputeRunningProcesses_v3");

        private final String symbol;

        ProcessKind(String symbol) {
            this.symbol = symbol;
        }

        public String symbol() {
            return symbol;
        }
    }

    /**
     * {@code nvmlProcessInfo_t}.
     *
     * @param pid of the host, also in a container
     * @param usedBytes empty where the driver does not tell it
     */
    record ProcessUse(int pid, OptionalLong usedBytes, OptionalInt gpuInstance) {}

    /**
     * Share of time a process had the GPU, of one sample.
     *
     * @param timestamp opaque, as of a ring
     * @param smPercent share of the GPU's time, not of its SMs
     */
    record ProcessShare(int pid, long timestamp, long smPercent) {}

    /** {@code f(device, count*, infos*)}: asked for the size first, and again when the list has grown meanwhile. */
    default Reading<List<ProcessUse>> processes(Device device, ProcessKind kind) {
        return new Reading.Unsupported<>();
    }

    /**
     * {@code nvmlDeviceGetProcessesUtilizationInfo}, or {@code nvmlDeviceGetProcessUtilization} in drivers before 12.4,
     * which tells nothing on some later boards. Values may be garbage.
     *
     * @param after the newest timestamp seen so far
     */
    default Reading<List<ProcessShare>> processShares(Device device, long after) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceGetMigMode}: whether it is on now. */
    default Reading<Boolean> migMode(Device device) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceGetMaxMigDeviceCount}. */
    default Reading<Integer> mostMigDevices(Device device) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceGetMigDeviceHandleByIndex}; {@code NOT_FOUND} for a hole. */
    default Reading<Device> migDevice(Device device, int index) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceGetGpuInstanceId} of a MIG device. */
    default Reading<Integer> gpuInstance(Device migDevice) {
        return new Reading.Unsupported<>();
    }

    /** {@code nvmlDeviceGetComputeInstanceId} of a MIG device. */
    default Reading<Integer> computeInstance(Device migDevice) {
        return new Reading.Unsupported<>();
    }
}
