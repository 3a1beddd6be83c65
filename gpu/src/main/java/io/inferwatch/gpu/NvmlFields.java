package io.inferwatch.gpu;

import io.inferwatch.gpu.Nvml.Device;
import java.util.List;

/** The part of {@link Nvml} that tells counters, health and limits. In NVML's own units, as the rest of the port. */
public interface NvmlFields {

    /**
     * A field of {@code nvmlDeviceGetFieldValues}.
     *
     * @param number {@code NVML_FI_DEV_…}; what a number means may depend on the driver
     * @param scope a link, or a part of the board; {@link #ALL_LINKS} for the sum over links
     */
    record Field(int number, int scope) {
        /** Asks for the sum over all NVLinks. */
        public static final int ALL_LINKS = 0xFFFF_FFFF;

        public static Field of(int number) {
            return new Field(number, 0);
        }

        /** Summed over all NVLinks. */
        public static Field ofAllLinks(int number) {
            return new Field(number, ALL_LINKS);
        }
    }

    /**
     * What a field holds.
     *
     * @param is64Bit whether the driver told it as a 64-bit integer, as it does with counters
     */
    record FieldValue(boolean is64Bit, double value) {}

    /**
     * A C function that answers with one 64-bit unsigned number: {@code f(device, selector…, u64*)}.
     */
    record WideQuery(String symbol, List<Integer> selectors) {
        public WideQuery {
            selectors = List.copyOf(selectors);
        }

        public static WideQuery of(String symbol, Integer... selectors) {
            return new WideQuery(symbol, List.of(selectors));
        }
    }

    /**
     * {@code nvmlEccSramErrorStatus_v1_t}, errors since the driver was loaded.
     *
     * @param isThresholdExceeded whether so many were uncorrectable that the board should be replaced
     */
    record SramErrors(long parity, long secDed, long corrected, boolean isThresholdExceeded) {}

    /** {@code nvmlDeviceGetRemappedRows}: how many rows, and whether a remapping waits for a reset or has failed. */
    record RemappedRows(long correctable, long uncorrectable, boolean isPending, boolean hasFailed) {}

    /** {@code nvmlSystemGetCudaDriverVersion_v2}: 13010 is CUDA 13.1. */
    Reading<Integer> cudaVersion();

    /**
     * {@code nvmlDeviceGetFieldValues}: one call for many fields, each with a return code of its own.
     *
     * @return one answer a field, in their order. A field this driver does not know is {@link Reading.Unsupported}
     */
    Reading<List<Reading<FieldValue>>> fieldValues(Device device, List<Field> fields);

    /** As a C function answers that has a 64-bit number for its last parameter. */
    Reading<Long> wide(Device device, WideQuery query);

    /** {@code nvmlDeviceGetMarginTemperature}, in °C to the first slowdown; negative past it. */
    Reading<Integer> marginTemperature(Device device);

    /** {@code nvmlDeviceGetTemperatureV} of the GPU, in °C. */
    Reading<Integer> temperatureV(Device device);

    /** {@code nvmlDeviceGetSramEccErrorStatus}. */
    Reading<SramErrors> sramErrors(Device device);

    /** {@code nvmlDeviceGetRemappedRows}. */
    Reading<RemappedRows> remappedRows(Device device);

    /**
     * {@code nvmlDeviceGetViolationStatus}, the time spent below clocks, in ns.
     *
     * @param policy {@code nvmlPerfPolicyType_t}
     */
    Reading<Long> violationNanos(Device device, int policy);
}
