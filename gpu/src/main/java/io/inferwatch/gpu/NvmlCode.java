package io.inferwatch.gpu;

import java.util.Map;
import java.util.function.Supplier;

/**
 * What the numbers of {@code nvmlReturn_t} mean to a collector. Numbers rather than an enum: a newer driver answers with
 * codes that no header of today names, and they have to be carried as they are.
 */
public final class NvmlCode {
    public static final int SUCCESS = 0;
    public static final int UNINITIALIZED = 1;
    public static final int INVALID_ARGUMENT = 2;
    public static final int NOT_SUPPORTED = 3;
    public static final int NO_PERMISSION = 4;
    public static final int NOT_FOUND = 6;
    public static final int INSUFFICIENT_SIZE = 7;
    public static final int INSUFFICIENT_POWER = 8;
    public static final int DRIVER_NOT_LOADED = 9;
    public static final int TIMEOUT = 10;
    public static final int IRQ_ISSUE = 11;
    public static final int LIBRARY_NOT_FOUND = 12;
    public static final int FUNCTION_NOT_FOUND = 13;
    public static final int CORRUPTED_INFOROM = 14;
    public static final int GPU_IS_LOST = 15;
    public static final int RESET_REQUIRED = 16;
    public static final int OPERATING_SYSTEM = 17;
    public static final int LIB_RM_VERSION_MISMATCH = 18;
    public static final int NO_DATA = 21;
    public static final int INSUFFICIENT_RESOURCES = 23;
    public static final int ARGUMENT_VERSION_MISMATCH = 25;
    public static final int DEPRECATED = 26;
    public static final int NOT_READY = 27;
    public static final int UNKNOWN = 999;

    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(SUCCESS, "SUCCESS"),
            Map.entry(UNINITIALIZED, "UNINITIALIZED"),
            Map.entry(INVALID_ARGUMENT, "INVALID_ARGUMENT"),
            Map.entry(NOT_SUPPORTED, "NOT_SUPPORTED"),
            Map.entry(NO_PERMISSION, "NO_PERMISSION"),
            Map.entry(NOT_FOUND, "NOT_FOUND"),
            Map.entry(INSUFFICIENT_SIZE, "INSUFFICIENT_SIZE"),
            Map.entry(INSUFFICIENT_POWER, "INSUFFICIENT_POWER"),
            Map.entry(DRIVER_NOT_LOADED, "DRIVER_NOT_LOADED"),
            Map.entry(TIMEOUT, "TIMEOUT"),
            Map.entry(IRQ_ISSUE, "IRQ_ISSUE"),
            Map.entry(LIBRARY_NOT_FOUND, "LIBRARY_NOT_FOUND"),
            Map.entry(FUNCTION_NOT_FOUND, "FUNCTION_NOT_FOUND"),
            Map.entry(CORRUPTED_INFOROM, "CORRUPTED_INFOROM"),
            Map.entry(GPU_IS_LOST, "GPU_IS_LOST"),
            Map.entry(RESET_REQUIRED, "RESET_REQUIRED"),
            Map.entry(OPERATING_SYSTEM, "OPERATING_SYSTEM"),
            Map.entry(LIB_RM_VERSION_MISMATCH, "LIB_RM_VERSION_MISMATCH"),
            Map.entry(19, "IN_USE"),
            Map.entry(20, "MEMORY"),
            Map.entry(NO_DATA, "NO_DATA"),
            Map.entry(INSUFFICIENT_RESOURCES, "INSUFFICIENT_RESOURCES"),
            Map.entry(ARGUMENT_VERSION_MISMATCH, "ARGUMENT_VERSION_MISMATCH"),
            Map.entry(DEPRECATED, "DEPRECATED"),
            Map.entry(NOT_READY, "NOT_READY"),
            Map.entry(28, "GPU_NOT_FOUND"),
            Map.entry(29, "INVALID_STATE"),
            Map.entry(UNKNOWN, "UNKNOWN"));

    private NvmlCode() {}

    /** For people: {@code NVML 15 GPU_IS_LOST}, or the bare number where no name is known. */
    public static String text(int code) {
        String name = NAMES.get(code);
        return name == null ? "NVML " + code : "NVML " + code + " " + name;
    }

    /**
     * What an answer with this code is.
     *
     * @param value read only on success: NVML leaves its out-parameters undefined otherwise
     */
    public static <T> Reading<T> reading(int code, Supplier<T> value) {
        return switch (code) {
            case SUCCESS -> new Reading.Value<>(value.get());
            case NOT_SUPPORTED, FUNCTION_NOT_FOUND, ARGUMENT_VERSION_MISMATCH, DEPRECATED ->
                new Reading.Unsupported<>();
            case NO_PERMISSION, OPERATING_SYSTEM -> new Reading.NoPermission<>();
            case TIMEOUT, NO_DATA, INSUFFICIENT_RESOURCES, NOT_READY -> new Reading.Stale<>();
            default -> new Reading.Failed<>(code);
        };
    }

    /** This GPU is gone or needs a reset; the others may be well. */
    public static boolean isGpuLost(int code) {
        return switch (code) {
            case GPU_IS_LOST, RESET_REQUIRED, IRQ_ISSUE, INSUFFICIENT_POWER, CORRUPTED_INFOROM -> true;
            default -> false;
        };
    }

    /** The driver was unloaded or replaced under us: every handle is dead until NVML is initialised again. */
    public static boolean isDriverGone(int code) {
        return switch (code) {
            case UNINITIALIZED, DRIVER_NOT_LOADED, LIBRARY_NOT_FOUND, LIB_RM_VERSION_MISMATCH -> true;
            default -> false;
        };
    }
}
