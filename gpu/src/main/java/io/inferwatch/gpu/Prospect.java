package io.inferwatch.gpu;

import java.util.List;

/** Whether going on with this connection to the driver promises anything. */
enum Prospect {
    /** A GPU answers. */
    GOOD,
    /** Not every GPU has spoken yet, or those that have not are hung. */
    OPEN,
    /**
     * Every GPU is lost. Connecting anew may bring one back and can harm none. While a single GPU answers it is not
     * done: initialising NVML touches every GPU, and a broken one can hang it.
     */
    ALL_LOST,
    /** The driver itself is gone: every handle is dead. */
    DRIVER_GONE;

    static Prospect of(List<GpuThread> threads, int generation) {
        boolean open = false;
        boolean good = false;
        for (GpuThread thread : threads) {
            GpuThread.Report report = thread.report();
            if (report.generation() != generation) {
                open = true;
            } else if (report.standing() instanceof Standing.DriverGone) {
                return DRIVER_GONE;
            } else {
                good |= report.isReachable();
            }
        }
        if (good) {
            return GOOD;
        }
        return open ? OPEN : ALL_LOST;
    }
}
